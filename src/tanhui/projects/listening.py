"""Readings by MQTT: what a device publishes under ``tanhui/<code>/readings`` is taken as if it came by HTTP.

The first line says who sends, ``{"token": "…"}`` or ``{"sent": "…", "signature": "…"}`` with the signature over
``sent``, a full stop and the lines that follow; the readings follow. The answer goes to ``tanhui/<code>/receipt``. A
message is acknowledged only when its readings are safely in, so that the broker hands it over again after a crash;
taking it twice does no harm.
"""

import json
import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit

import paho.mqtt.client as mqtt
from django.db import DatabaseError, InterfaceError
from paho.mqtt.enums import CallbackAPIVersion

from tanhui.kernel.refusal import Refusal, gettext_noop
from tanhui.projects.acts import readings

TOPIC = "tanhui/+/readings"
KEEP_ALIVE = 30
log = logging.getLogger("tanhui.field")


class BrokerUnreadable(Refusal):
    code = "projects.broker_unreadable"
    sentence = gettext_noop("“%(given)s” names no MQTT broker. Write mqtt://host:1883 or mqtts://user@host:8883.")
    clause = "MQTT 3.1.1"
    status = 422


class HeaderUnreadable(Refusal):
    code = "projects.mqtt_header_unreadable"
    sentence = gettext_noop(
        "The first line of a message says who sends: an object with token, or with sent and signature. Put it there."
    )
    clause = "docs/algorithms/field.md §1"
    status = 422


@dataclass(frozen=True)
class Broker:
    host: str
    port: int
    encrypted: bool
    user: str
    password: str


def broker(url: str, password: str = "") -> Broker:
    """A broker by its address. Refuses with ``BrokerUnreadable``."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as fault:
        raise BrokerUnreadable(given=url[:80]) from fault
    if parts.scheme not in {"mqtt", "mqtts"} or not parts.hostname or parts.path not in {"", "/"}:
        raise BrokerUnreadable(given=url[:80])
    encrypted = parts.scheme == "mqtts"
    return Broker(
        parts.hostname, port or (8883 if encrypted else 1883), encrypted, unquote(parts.username or ""),
        password or unquote(parts.password or ""),
    )  # fmt: skip


def taken(topic: str, payload: bytes, *, at: datetime, language: str = "zh-hans") -> dict[str, Any]:
    """Take one message; the receipt, or the refusal of the whole, as JSON values."""
    code = topic.split("/")[1]
    try:
        head, _, body = payload.partition(b"\n")
        said = header(head)
        if "signature" in said:
            device = readings.by_signature(code, said.get("sent", ""), said["signature"], body, at=at)
        else:
            device = readings.by_token(said.get("token", ""))
            if not readings.is_of(device, code):
                raise readings.DeviceUnknown
        receipt = readings.take(device=device, body=body, at=at, source="MQTT")
    except Refusal as refusal:
        return {"code": refusal.code, "detail": refusal.say(language), "clause": refusal.clause}
    return {
        "accepted": receipt.accepted,
        "repeated": receipt.repeated,
        "refused": [{"line": line + 1, "code": one.code, "detail": one.say(language)} for line, one in receipt.refused],
    }


def header(line: bytes) -> dict[str, str]:
    try:
        said = json.loads(line)
    except (ValueError, RecursionError) as fault:
        raise HeaderUnreadable from fault
    if not isinstance(said, dict) or not all(isinstance(one, str) and len(one) <= 200 for one in said.values()):
        raise HeaderUnreadable
    return said


def client(
    where: Broker, *, name: str, told: Callable[[], datetime], around: Callable[[Callable[[], Any]], Any],
    ready: Callable[[], object] = lambda: None, topic: str = TOPIC, take: Callable[..., Any] = taken,
) -> mqtt.Client:  # fmt: skip
    """A client that listens once its loop runs, and comes back by itself when the broker was away.

    ``take`` takes what is published under ``topic`` and gives the receipt. ``name`` is kept by the broker, which queues
    for it meanwhile; ``told`` says the time; ``around`` runs each message with a fresh connection to the database. A
    message that meets a database or a disk that is away is not acknowledged, and comes again; any other failure ends
    the loop, so that it is seen.
    """
    made = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=name, clean_session=False, manual_ack=True)
    if where.user:
        made.username_pw_set(where.user, where.password)
    if where.encrypted:
        made.tls_set(tls_version=ssl.PROTOCOL_TLS_CLIENT)

    def connected(one: mqtt.Client, data: Any, flags: Any, reason: Any, properties: Any) -> None:
        if not reason.is_failure:
            one.subscribe(topic, qos=1)

    def subscribed(one: mqtt.Client, data: Any, number: int, reasons: Any, properties: Any) -> None:
        ready()

    def came(one: mqtt.Client, data: Any, message: mqtt.MQTTMessage) -> None:
        try:
            answer = around(lambda: take(message.topic, bytes(message.payload), at=told()))
        except (DatabaseError, InterfaceError, OSError):  # the database or the disk is away: it will come again
            log.exception("a message under %s could not be taken and will come again", message.topic)
            return
        one.ack(message.mid, message.qos)
        answered = message.topic.rpartition("/")[0] + "/receipt"
        one.publish(answered, json.dumps(answer, ensure_ascii=False).encode(), qos=1)

    made.on_connect, made.on_subscribe, made.on_message = connected, subscribed, came
    made.connect_async(where.host, where.port, keepalive=KEEP_ALIVE)
    return made
