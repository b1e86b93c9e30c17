/* Plots measured on the spot: entered, checked and kept on the phone, and sent once when there is a network. A visit and
   each picture have a number made here, by which the server knows them again. */
(function () {
  "use strict";
  const box = document.getElementById("survey");
  if (!box || !window.indexedDB) return;
  const words = box.dataset, SIDE = 1600, QUALITY = 0.8;
  const page = location.pathname;
  let store = null, visit = null, running = false, position = null;

  function part(name, within) { return (within || box).querySelector("[data-part='" + name + "']"); }
  function say(text) { part("said").textContent = text || ""; }
  function limits(name) { return words[name].split(",").map(Number); }

  function number() {
    if (window.crypto.randomUUID) return window.crypto.randomUUID();
    const bytes = window.crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = bytes[6] & 15 | 64; bytes[8] = bytes[8] & 63 | 128;
    const hex = Array.from(bytes, (one) => one.toString(16).padStart(2, "0")).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  }

  /* -- the store on the phone -- */
  function promised(request) {
    return new Promise((done, failed) => { request.onsuccess = () => done(request.result); request.onerror = () => failed(request.error); });
  }

  function open() {
    const request = window.indexedDB.open("tanhui-field-" + words.key, 1);
    request.onupgradeneeded = () => { request.result.createObjectStore("visits", { keyPath: "id" }); };
    return promised(request);
  }

  function shelf(mode) { return store.transaction("visits", mode).objectStore("visits"); }
  function all() { return promised(shelf("readonly").getAll()); }
  function put(one) { return promised(shelf("readwrite").put(one)); }
  function forget(id) { return promised(shelf("readwrite").delete(id)); }

  /* -- the form -- */
  function tenths(text, range) {
    const plain = text.trim().replace("，", ".").replace(",", ".").replace("。", ".");
    if (plain === "") return null;
    if (!/^\d{1,4}(\.\d)?$/.test(plain)) return NaN;
    const found = Math.round(Number(plain) * 10);
    return found >= range[0] && found <= range[1] ? found : NaN;
  }

  function addTree(tree) {
    const row = part("tree").content.firstElementChild.cloneNode(true), list = part("trees"), last = list.lastElementChild;
    row.querySelector("[name=species]").value = tree ? tree.species : last ? last.querySelector("[name=species]").value : "";
    if (tree) {
      row.querySelector("[name=dbh]").value = tree.dbh_mm / 10;
      row.querySelector("[name=height]").value = tree.height_dm === null ? "" : tree.height_dm / 10;
    }
    list.appendChild(row);
    renumber();
    return row;
  }

  function renumber() {
    Array.from(part("trees").children).forEach((row, place) => { row.querySelector(".field-number").textContent = place + 1; });
  }

  function readTrees() {
    const trees = [];
    let wrong = 0;
    Array.from(part("trees").children).forEach((row) => {
      const value = (name) => row.querySelector("[name=" + name + "]").value;
      const species = value("species").trim(), dbh = tenths(value("dbh"), limits("dbh").map((mm) => mm)), height = tenths(value("height"), limits("height"));
      const fault = !species ? words.saySpecies : !dbh ? words.sayDbh : Number.isNaN(height) ? words.sayHeight : "";
      const said = row.querySelector(".wrong-text");
      said.textContent = fault; said.hidden = !fault; row.classList.toggle("wrong", Boolean(fault));
      if (fault) wrong += 1; else trees.push({ species: species, dbh_mm: dbh, height_dm: height });
    });
    return { trees: trees, wrong: wrong };
  }

  function begin(plot, earlier) {
    visit = earlier || { id: number(), plot: plot, state: "draft", photos: [], trees: [], measured_on: today(), team: words.team, note: "", position: null, empty: false };
    position = visit.position;
    part("plot").textContent = visit.plot;
    box.querySelector("#measured_on").value = visit.measured_on;
    box.querySelector("#measured_on").max = today();
    box.querySelector("#team").value = visit.team;
    box.querySelector("#note").value = visit.note;
    box.querySelector("#empty").checked = visit.empty;
    part("trees").textContent = "";
    visit.trees.forEach(addTree);
    if (!visit.trees.length) addTree();
    part("wrong").textContent = "";
    showPosition(); showPictures();
    part("choose").hidden = true; part("form").hidden = false;
    part("form").scrollIntoView();
    part("trees").querySelector("[name=species]").focus();
  }

  function today() {
    const now = new Date();
    return new Date(now.getTime() - now.getTimezoneOffset() * 60000).toISOString().slice(0, 10);
  }

  function back() { visit = null; part("form").hidden = true; part("choose").hidden = false; return list(); }

  function collect() {
    const typed = Array.from(part("trees").children).filter((row) => row.querySelector("[name=dbh]").value.trim() || part("trees").children.length > 1);
    const empty = box.querySelector("#empty").checked && !typed.length;
    if (empty) part("trees").textContent = "";
    const read = readTrees(), day = box.querySelector("#measured_on").value, team = box.querySelector("#team").value.trim();
    const faults = [];
    if (!day || day > today() || day < "2000-01-01") faults.push(words.sayDay);
    if (!team) faults.push(words.sayTeam);
    if (!read.trees.length && !read.wrong && !empty) faults.push(words.sayNone);
    part("wrong").textContent = faults.join(" ");
    if (faults.length || read.wrong) {
      (part("trees").querySelector(".wrong input") || part("wrong")).focus();
      if (!part("trees").children.length) addTree();
      return null;
    }
    return Object.assign(visit, { measured_on: day, team: team, trees: read.trees, note: box.querySelector("#note").value.trim(), position: position, empty: !read.trees.length, state: "ready", errors: [] });
  }

  function save(event) {
    event.preventDefault();
    const found = collect();
    if (!found) return;
    put(found).then(() => { say(words.saySaved); return back(); }).then(() => { if (navigator.onLine) sync(); })
      .catch(() => { part("wrong").textContent = words.sayFull; part("wrong").focus(); });
  }

  /* -- position and pictures -- */
  function showPosition() {
    part("position").textContent = position ? words.sayPosition + " " + position.longitude.toFixed(5) + ", " + position.latitude.toFixed(5) + " (± " + position.accuracy_m + " m)" : "";
  }

  function locate() {
    return new Promise((done) => {
      if (!navigator.geolocation) { done(null); return; }
      navigator.geolocation.getCurrentPosition((found) => done({
        longitude: found.coords.longitude, latitude: found.coords.latitude, accuracy_m: Math.ceil(found.coords.accuracy)
      }), () => done(null), { enableHighAccuracy: true, timeout: 20000, maximumAge: 60000 });
    });
  }

  function smaller(file) {
    return window.createImageBitmap(file, { imageOrientation: "from-image" }).then((picture) => {
      const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height)), canvas = document.createElement("canvas");
      canvas.width = Math.round(picture.width * scale); canvas.height = Math.round(picture.height * scale);
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      return new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
    });
  }

  function showPictures() {
    part("pictures").textContent = "";
    visit.photos.forEach((one) => {
      const canvas = document.createElement("canvas");
      part("pictures").appendChild(canvas);
      window.createImageBitmap(one.blob).then((picture) => {
        canvas.width = 192; canvas.height = 192;
        const side = Math.min(picture.width, picture.height);
        canvas.getContext("2d").drawImage(picture, (picture.width - side) / 2, (picture.height - side) / 2, side, side, 0, 0, 192, 192);
      });
    });
  }

  function picture(event) {
    const file = event.target.files[0], current = visit;
    if (!file) return;
    const taken = new Date(file.lastModified || Date.now()).toISOString();
    smaller(file).then((blob) => {
      const one = { id: number(), blob: blob, taken_at: taken, position: position, sent: false };
      current.photos.push(one);
      event.target.value = "";
      if (current === visit) showPictures();
      return position ? null : locate().then((found) => { one.position = found; if (found && current === visit) { position = found; showPosition(); } });
    }).catch(() => { event.target.value = ""; });
  }

  /* -- what waits, and sending it -- */
  function badge(tone, text) {
    const found = document.createElement("span");
    found.className = "state " + tone; found.textContent = text;
    return found;
  }

  function waiting(one) { return one.state === "ready" || one.state === "sent" && one.photos.some((each) => !each.sent); }

  function list() {
    return all().then((visits) => {
      const count = visits.filter(waiting).length, box_ = part("waiting");
      box_.textContent = count; box_.hidden = !count;
      part("no-visits").hidden = visits.length > 0;
      const rows = part("visits");
      rows.textContent = "";
      visits.sort((a, b) => (a.measured_on < b.measured_on ? 1 : -1)).forEach((one) => {
        const row = document.createElement("li"), name = document.createElement("strong"), about = document.createElement("span");
        name.textContent = one.plot;
        about.className = "quiet"; about.textContent = one.measured_on + " · " + one.trees.length + " " + words.sayTrees + (one.photos.length ? " · " + one.photos.length + " " + words.sayPictures : "");
        row.appendChild(name); row.appendChild(about);
        row.appendChild(one.state === "sent" ? badge(one.conflict ? "wait" : "good", one.conflict ? words.sayConflict : words.saySent) : badge(one.state === "refused" ? "stop" : "wait", one.state === "refused" ? words.sayRefused : words.sayReady));
        if (one.state !== "sent") {
          [["edit", words.sayEdit], ["remove", words.sayRemove]].forEach(([act, label]) => {
            const button = document.createElement("button");
            button.type = "button"; button.className = "btn btn-quiet btn-sm"; button.textContent = label;
            button.dataset.act = act; button.dataset.id = one.id;
            row.appendChild(button);
          });
        }
        (one.errors || []).forEach((fault) => {
          const said = document.createElement("p");
          said.className = "wrong-text"; said.textContent = (fault.row ? fault.row + ". " : "") + fault.detail;
          row.appendChild(said);
        });
        rows.appendChild(row);
      });
      return visits;
    });
  }

  function SignedOut() {}
  function answered(response) {
    if (response.redirected || response.status === 401) throw new SignedOut();
    if (response.status >= 500) throw new Error("server");
    return response.json().then((said) => ({ ok: response.ok, said: said }));
  }

  function sendVisit(one, token) {
    const body = { id: one.id, plot: one.plot, measured_on: one.measured_on, team: one.team, note: one.note, position: one.position, trees: one.trees, empty: one.empty };
    return fetch(words.send, { method: "POST", credentials: "same-origin", headers: { "Content-Type": "application/json", "X-CSRFToken": token }, body: JSON.stringify(body) }).then(answered).then((found) => {
      if (found.ok) Object.assign(one, { state: "sent", conflict: found.said.conflict, errors: [] });
      else Object.assign(one, { state: "refused", errors: found.said.errors && found.said.errors.length ? found.said.errors : [{ row: 0, detail: found.said.detail }] });
      return put(one);
    });
  }

  function sendPhoto(one, each, token) {
    const form = new FormData();
    form.append("visit", one.id); form.append("id", each.id); form.append("taken_at", each.taken_at);
    if (each.position) { form.append("longitude", each.position.longitude); form.append("latitude", each.position.latitude); }
    form.append("file", each.blob, each.id + ".jpg");
    return fetch(words.photo, { method: "POST", credentials: "same-origin", headers: { "X-CSRFToken": token }, body: form }).then(answered).then((found) => {
      each.sent = true;
      if (!found.ok) one.errors = (one.errors || []).concat([{ row: 0, detail: found.said.detail }]);
      return put(one);
    });
  }

  function sync() {
    if (running) return Promise.resolve();
    running = true;
    say(words.saySending);
    return fetch(words.state, { credentials: "same-origin", headers: { Accept: "application/json" } }).then(answered).then((found) => {
      if (!found.ok) throw new SignedOut();
      const token = found.said.csrf;
      return all().then((visits) => visits.reduce((before, one) => before.then(() => (one.state === "ready" ? sendVisit(one, token) : null)).then(() => (one.state === "sent" ? one.photos.filter((each) => !each.sent).reduce((earlier, each) => earlier.then(() => sendPhoto(one, each, token)), Promise.resolve()) : null)), Promise.resolve()));
    }).then(list).then((visits) => { say(visits.some((one) => one.state === "refused") ? words.sayRefused : words.sayDone); }).catch((fault) => {
      say(fault instanceof SignedOut ? words.saySignedOut : words.sayFailed);
      if (fault instanceof SignedOut) {
        const link = document.createElement("a");
        link.href = words.signIn; link.textContent = " →";
        part("said").appendChild(link);
      }
      return list();
    }).then(() => { running = false; });
  }

  function network() {
    const on = navigator.onLine, mark = part("network");
    mark.className = "state " + (on ? "good" : "wait"); mark.textContent = on ? words.sayOnline : words.sayOffline;
  }

  /* -- beginning -- */
  const ACTS = {
    sync: sync, back: back, tree: () => { box.querySelector("#empty").checked = false; addTree().querySelector("[name=dbh]").focus(); },
    drop: (button) => { button.closest("li").remove(); renumber(); },
    position: () => locate().then((found) => { if (found) { position = found; showPosition(); } else part("position").textContent = words.sayNoPosition; }),
    edit: (button) => all().then((visits) => {
      const one = visits.find((each) => each.id === button.dataset.id);
      /* what was refused goes under a new number: the server may know the old one */
      if (one) { if (one.state === "refused") { const old = one.id; one.id = number(); forget(old).then(() => put(one)); } begin(one.plot, one); }
    }),
    remove: (button) => { if (window.confirm(words.saySure)) forget(button.dataset.id).then(list); },
    clear: () => all().then((visits) => Promise.all(visits.filter((one) => one.state === "sent" && !waiting(one)).map((one) => forget(one.id)))).then(list)
  };

  box.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.plot) begin(button.dataset.plot);
    else if (ACTS[button.dataset.act]) ACTS[button.dataset.act](button);
  });
  part("form").addEventListener("submit", save);
  box.querySelector("#camera").addEventListener("change", picture);
  window.addEventListener("online", () => { network(); sync(); });
  window.addEventListener("offline", network);

  open().then((found) => {
    store = found;
    box.hidden = false;
    const plain = document.querySelector("[data-no-script]");
    if (plain) plain.hidden = true;
    network();
    return list();
  }).then((visits) => { if (navigator.onLine && visits.some(waiting)) sync(); });

  if ("serviceWorker" in navigator) {
    navigator.serviceWorker.addEventListener("message", (event) => { if (event.data.kept) { box.dataset.offline = "ready"; if (!part("said").textContent) say(words.sayKeptOffline); } });
    navigator.serviceWorker.register(words.worker, { scope: "/field/plots/" }).then(() => navigator.serviceWorker.ready).then((registered) => {
      const files = Array.from(document.querySelectorAll("link[rel=stylesheet], link[rel=icon], script[src]"), (one) => one.href || one.src);
      registered.active.postMessage({ files: [page].concat(files) });
    }).catch(() => {});
  }
})();
