/* Sends a chosen file in pieces (tus 1.0.0), so that it goes on where a connection broke. Without this script the form
   carries the file itself. Nothing is kept in the browser. */
(function () {
  "use strict";
  var PIECE = 4 * 1024 * 1024, WAITS = [1, 2, 4, 8, 15, 30], OFFSET = "application/offset+octet-stream";

  function base64(bytes) {
    return btoa(String.fromCharCode.apply(null, new Uint8Array(bytes)));
  }

  function size(bytes) {
    var units = ["B", "KB", "MB", "GB"], unit = 0;
    while (bytes >= 1024 && unit < 3) { bytes /= 1024; unit += 1; }
    return (unit ? bytes.toFixed(1) : bytes) + " " + units[unit];
  }

  function Field(box) {
    this.box = box;
    this.file = box.querySelector("input[type=file]");
    this.key = box.querySelector("input[type=hidden]");
    this.form = box.closest("form");
    this.words = box.dataset;
    this.run = 0;
    var field = this;
    this.file.addEventListener("change", function () { if (field.file.files[0]) field.choose(field.file.files[0]); });
    this.part("pause").addEventListener("click", function () { field.paused ? field.resume() : field.pause(); });
    this.part("remove").addEventListener("click", function () { field.remove(); });
    window.addEventListener("online", function () { if (field.waiting) field.resume(); });
    ["dragover", "dragleave", "drop"].forEach(function (kind) {
      box.addEventListener(kind, function (event) {
        event.preventDefault();
        box.classList.toggle("over", kind === "dragover");
        if (kind === "drop" && event.dataTransfer.files[0]) field.choose(event.dataTransfer.files[0]);
      });
    });
    this.form.addEventListener("submit", function (event) {
      if (!field.busy) return;
      event.preventDefault();
      field.say(field.words.wait);
      field.box.scrollIntoView({block: "center"});
    });
    if (this.key.value) this.part("remove").hidden = false;
    if (this.file.files[0]) this.choose(this.file.files[0]);  /* chosen before this script was there, or kept by a reload */
  }

  Field.prototype.part = function (name) { return this.box.querySelector("[data-part=" + name + "]"); };

  Field.prototype.say = function (text) { this.part("said").textContent = text; };

  Field.prototype.choose = function (file) {
    this.forget();
    this.chosen = file;
    this.part("state").hidden = false;
    this.part("name").textContent = file.name;
    this.part("size").textContent = size(file.size);
    this.part("remove").hidden = false;
    if (file.size > Number(this.words.most)) { this.fail(this.words.tooLarge); return; }
    this.resume();
  };

  /* One request; what it resolves to is the answered request, whatever its status. */
  Field.prototype.ask = function (method, address, headers, body) {
    var field = this;
    return new Promise(function (answered, lost) {
      var request = new XMLHttpRequest();
      field.request = request;
      request.open(method, address);
      request.setRequestHeader("Tus-Resumable", "1.0.0");
      request.setRequestHeader("X-CSRFToken", field.form.elements.csrfmiddlewaretoken.value);
      Object.keys(headers || {}).forEach(function (name) { request.setRequestHeader(name, headers[name]); });
      request.timeout = body ? 120000 : 60000;
      request.onload = function () { request.status >= 500 ? lost(request) : answered(request); };
      request.onerror = request.ontimeout = function () { lost(request); };
      if (body) request.upload.onprogress = function (event) { field.show(field.offset + event.loaded); };
      request.send(body || null);
    });
  };

  Field.prototype.begin = function () {
    var field = this, named = new TextEncoder();
    var metadata = "filename " + base64(named.encode(this.chosen.name)) + ",kind " + base64(named.encode(this.words.kind));
    return this.ask("POST", this.words.upload, {"Upload-Length": this.chosen.size, "Upload-Metadata": metadata}).then(function (answer) {
      if (answer.status !== 201) throw answer;
      field.address = answer.getResponseHeader("Location");
      field.offset = 0;
    });
  };

  Field.prototype.find = function () {
    var field = this;
    return this.ask("HEAD", this.address).then(function (answer) {
      if (answer.status !== 200) throw answer;
      field.offset = Number(answer.getResponseHeader("Upload-Offset"));
    });
  };

  Field.prototype.send = function (run) {
    var field = this, piece = this.chosen.slice(this.offset, this.offset + PIECE);
    if (run !== this.run) return Promise.resolve();
    if (!piece.size) return this.settle(run, 0);
    if (this.offset + piece.size === this.chosen.size) this.say(this.words.checking);
    return this.digest(piece).then(function (checksum) {
      var headers = {"Content-Type": OFFSET, "Upload-Offset": field.offset};
      if (checksum) headers["Upload-Checksum"] = checksum;
      if (run !== field.run) return null;
      return field.ask("PATCH", field.address, headers, piece);
    }).then(function (answer) {
      if (!answer || run !== field.run) return null;
      if (answer.status === 409 || answer.status === 460) return field.find().then(function () { return field.send(run); });
      if (answer.status !== 204) throw answer;
      field.offset = Number(answer.getResponseHeader("Upload-Offset"));
      field.failures = 0;
      field.show(field.offset);
      return field.send(run);
    });
  };

  /* Checksums of the pieces, where the browser computes them (HTTPS or this machine). */
  Field.prototype.digest = function (piece) {
    if (!window.crypto || !window.crypto.subtle) return Promise.resolve("");
    return piece.arrayBuffer().then(function (bytes) { return crypto.subtle.digest("SHA-256", bytes); })
      .then(function (digest) { return "sha256 " + base64(digest); });
  };

  Field.prototype.settle = function (run, times) {
    var field = this;
    return this.ask("GET", this.address).then(function (answer) {
      if (run !== field.run) return null;
      if (answer.status !== 200) throw answer;
      var found = JSON.parse(answer.responseText);
      if (found.state === "REFUSED") { field.fail(found.refusal.detail); return null; }
      if (found.state === "FINISHED") { field.finish(found); return null; }
      return new Promise(function (go) { setTimeout(go, Math.min(15000, 1000 * (times + 1))); })
        .then(function () { return run === field.run ? field.settle(run, times + 1) : null; });
    });
  };

  Field.prototype.resume = function () {
    var field = this, run = this.run = this.run + 1;
    clearTimeout(this.timer);
    this.paused = this.waiting = false;
    this.busy = true;
    this.file.required = false;
    this.part("pause").hidden = false;
    this.part("pause").textContent = this.words.pause;
    this.part("bar").hidden = false;
    this.say(this.words.sending);
    (this.address ? this.find() : this.begin()).then(function () { return field.send(run); }).catch(function (answer) {
      if (run !== field.run) return;
      if (answer instanceof XMLHttpRequest && answer.status >= 400 && answer.status < 500) { field.fail(field.reason(answer)); return; }
      field.again();
    });
  };

  Field.prototype.again = function () {
    var field = this, wait = WAITS[Math.min(this.failures || 0, WAITS.length - 1)];
    this.failures = (this.failures || 0) + 1;
    this.waiting = true;
    this.say(this.words.lost);
    this.timer = setTimeout(function () { field.resume(); }, wait * 1000);
  };

  Field.prototype.reason = function (answer) {
    try { return JSON.parse(answer.responseText).detail || this.words.failed; } catch (unreadable) { return this.words.failed; }
  };

  Field.prototype.pause = function () {
    this.stop();
    this.paused = this.busy = true;
    this.part("pause").textContent = this.words.resume;
    this.say(this.words.paused);
  };

  Field.prototype.stop = function () {
    this.run += 1;
    clearTimeout(this.timer);
    this.waiting = this.busy = false;
    if (this.request) this.request.abort();
  };

  Field.prototype.show = function (sent) {
    var share = Math.floor(100 * sent / this.chosen.size), bar = this.part("bar");
    bar.value = share;
    this.part("size").textContent = size(Math.min(sent, this.chosen.size)) + " / " + size(this.chosen.size) + " · " + Math.min(100, share) + "%";
  };

  Field.prototype.finish = function (found) {
    this.busy = false;
    this.key.value = found.id;
    this.file.value = "";  /* the form need not carry it again */
    this.part("bar").hidden = this.part("pause").hidden = true;
    this.part("size").textContent = size(found.size_bytes);
    this.box.classList.remove("wrong");
    this.say(this.words.done + " · " + found.format_label);
    if (found.encoding_asked) this.offer(found);
  };

  /* The attributes in each encoding they could be in, as tables to choose from. */
  Field.prototype.offer = function (found) {
    var field = this, group = document.createElement("fieldset"), legend = document.createElement("legend");
    legend.className = "form-label mt-2";
    legend.textContent = this.words.encoding;
    group.appendChild(legend);
    group.dataset.part = "encodings";
    Object.keys(found.facts.previews).sort(function (one) { return one === found.facts.likely ? -1 : 1; }).forEach(function (name) {
      var label = document.createElement("label"), radio = document.createElement("input"), preview = found.facts.previews[name];
      label.className = "d-block mb-2";
      radio.type = "radio";
      radio.className = "form-check-input me-2";
      radio.name = field.key.name + "_encoding";
      radio.addEventListener("change", function () { field.read(name); });
      label.append(radio, name.toUpperCase(), table(preview));
      group.appendChild(label);
    });
    this.part("state").appendChild(group);
    this.busy = true;
  };

  Field.prototype.read = function (encoding) {
    var field = this;
    this.ask("POST", this.address + "/encoding", {"Content-Type": "application/json"}, JSON.stringify({encoding: encoding})).then(function (answer) {
      field.busy = answer.status !== 200;
      field.say(answer.status === 200 ? field.words.done + " · " + encoding.toUpperCase() : field.reason(answer));
    }, function () { field.say(field.words.lost); });
  };

  function table(preview) {
    var made = document.createElement("table");
    made.className = "table table-sm mt-1 mb-0";
    [preview.fields].concat(preview.rows).forEach(function (cells, place) {
      var row = made.insertRow();
      cells.forEach(function (cell, column) {
        var made = document.createElement(place ? "td" : "th");
        made.textContent = cell;
        if (place) made.dataset.label = preview.fields[column];
        row.appendChild(made);
      });
    });
    return made;
  }

  Field.prototype.fail = function (sentence) {
    this.stop();
    this.forget(true);
    this.part("state").hidden = false;
    this.part("bar").hidden = this.part("pause").hidden = true;
    this.box.classList.add("wrong");
    this.say(sentence);
  };

  Field.prototype.forget = function (keepWords) {
    var offered = this.part("encodings");
    this.stop();
    if (this.address) this.ask("DELETE", this.address).catch(function () { return null; });
    if (offered) offered.remove();
    this.address = "";
    this.failures = 0;
    this.paused = false;
    this.key.value = "";
    if (!keepWords) this.say("");
  };

  Field.prototype.remove = function () {
    this.forget();
    this.file.value = "";
    this.part("state").hidden = true;
    this.box.classList.remove("wrong");
    this.file.focus();
  };

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("[data-upload]").forEach(function (box) { new Field(box); });
  });
})();
