"""Nobody speaks on the broker for another service or hospital: its accounts may say only what is their own, and whoever
hears looks at who said it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import aio_pika
import pytest
from aiormq.exceptions import ChannelAccessRefused, ChannelPreconditionFailed
from pydantic import SecretStr
from yarl import URL

from services.cli.ops import trust
from services.cli.stop import WRONG
from shared.bus import accounts, definitions, topology
from shared.bus.accounts import AnybodyMaySpeak, Speakers
from shared.bus.level import Level
from shared.engine.level import Mark
from shared.messages import CATALOGUE, SERVICES, Fact, opened, write
from shared.metrics import Metrics
from shared.private import open_to_others
from shared.settings import Settings
from tests.engine.place import Place, eventually, rows, state
from tests.engine.rabbit_words import at_work, has_dead_letters, holds
from tests.engine.toy import HOSPITAL, Case, Publisher, Supporter, offer, qualified, suspended, talk
from tests.journeys.terminal import Terminal
from tests.servers import RabbitMQ

VHOST, PASSWORD = "bound", "word"
EVENTS = topology.EVENTS.name
#: A system may have an address for a name.
SYSTEM = "st-bea.https://reports.example/fhir?a=.*"


@pytest.fixture(scope="module")
def url_of(rabbit_server: RabbitMQ) -> Callable[[str], str]:
    """The url of an account, on a broker that was given the definitions of a hospital and of one system of another."""
    hashes = dict.fromkeys(accounts_of("st-anna", SYSTEM), definitions.hashed(PASSWORD))
    made = definitions.definitions("naast", VHOST, ("st-anna", SYSTEM), hashes)
    raw = base64.b64encode(json.dumps(made).encode()).decode()
    rabbit_server._host.run("rabbitmqctl", "eval", f'rabbit_definitions:import_raw(base64:decode(<<"{raw}">>)).')
    return lambda name: str(URL(rabbit_server.url).with_user(name).with_password(PASSWORD).with_path(f"/{VHOST}"))


def accounts_of(*reporters: str) -> list[str]:
    return definitions.accounts("naast", reporters)


@pytest.fixture
def other() -> Publisher:
    return Publisher()


async def say(url: str, key: str, body: bytes = b"{}", exchange: str = EVENTS, **more: Any) -> None:
    """Publishes as whoever has this account, and waits for the broker's word."""
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        at = await channel.get_exchange(exchange, ensure=False)
        await at.publish(aio_pika.Message(body, content_type="application/json", **more), key, mandatory=False)


async def test_the_account_of_training_cannot_speak_as_followup(url_of: Callable[[str], str]) -> None:
    training = url_of("naast-training")
    for key in ("followup.case_closed", "followup.case_erased", "intake.support_offered", "anything"):
        with pytest.raises(ChannelAccessRefused):
            await say(training, key)
    with pytest.raises(ChannelPreconditionFailed):
        await say(training, "training.supporter_suspended", user_id="naast-followup")
    await say(training, "training.supporter_suspended", user_id="naast-training")


async def test_what_comes_from_a_foreign_account_is_not_heard(
    place: Place, url_of: Callable[[str], str], other: Publisher
) -> None:
    engine = await place.engine()
    to_matching: dict[str, Any] = {"headers": {"CC": ["to.matching"]}}
    held, erased = write(other(talk("c-1", 1))), write(other(suspended("s-1")))
    async with at_work(place, engine, url_of("naast-matching")) as bus:
        training = url_of("naast-training")
        await say(training, "training.supporter_suspended", held, user_id="naast-training", **to_matching)
        await say(training, "to.matching", held, user_id="naast-training")
        await eventually(lambda: has_dead_letters(engine, "foreign_publisher"))
        await say(training, "training.supporter_suspended", erased, **to_matching)  # it does not say who it is
        await eventually(lambda: has_dead_letters(engine, "foreign_account", "foreign_publisher"))
        assert [await state(engine, Case, "c-1"), await state(engine, Supporter, "s-1")] == [None, None]
        await say(training, "training.supporter_suspended", erased, user_id="naast-training", **to_matching)
        await eventually(lambda: is_there(engine, "s-1"))
        assert await bus.trouble() == ""
    assert (
        place.metrics.registry.get_sample_value("naast_trust_problems", {"service": "matching", "what": "facts"}) == 0
    )


async def test_how_far_a_publisher_is_is_told_by_its_own_account(place: Place, url_of: Callable[[str], str]) -> None:
    engine, training = await place.engine(), url_of("naast-training")
    told = Level(by="training", lost=(Mark("Supporter", HOSPITAL, "s-1", 9),)).model_dump_json().encode()
    to_matching: dict[str, Any] = {"headers": {"CC": ["to.matching"]}}
    async with at_work(place, engine, url_of("naast-matching")):
        await say(training, topology.level("training"), told, **to_matching)  # it does not say who it is
        await eventually(lambda: has_dead_letters(engine, "foreign_account"))
        assert await rows(engine, "heard") == []


async def test_what_was_delivered_too_often_is_counted_also_by_an_account_that_may_make_nothing(
    url_of: Callable[[str], str],
) -> None:
    for service in SERVICES:
        grave = topology.dead_queue(service)
        assert await topology.declare(url_of(f"naast-{service}"), (grave,)) == {grave: 0}


async def is_there(engine: Any, supporter: str) -> bool:
    return await state(engine, Supporter, supporter) is not None


async def test_every_message_says_from_which_account_it_is(
    place: Place, url_of: Callable[[str], str], other: Publisher
) -> None:
    engine = await place.engine()
    async with at_work(place, engine, url_of("naast-matching")):
        await engine.handle([other(qualified("s-2")), other(offer("r-9", "c-9"))])
        await eventually(lambda: holds(url_of("naast-intake"), "intake", 1))
    async with await aio_pika.connect(url_of("naast-intake")) as connection:
        message = await (await (await connection.channel()).get_queue("intake", ensure=False)).get()
    assert message is not None
    assert message.user_id == "naast-matching"


async def test_a_hospital_cannot_hand_in_for_another_nor_say_or_read_anything_else(
    url_of: Callable[[str], str],
) -> None:
    anna = url_of("naast-reports-st-anna")
    await say(anna, "st-anna", exchange=topology.REPORTS)
    for key, exchange in (("st-bea", topology.REPORTS), ("st-anna.x", topology.REPORTS), ("to.intake", EVENTS)):
        with pytest.raises(ChannelAccessRefused):
            await say(anna, key, exchange=exchange)
    for queue in (topology.REPORTS, "intake", "followup.dead"):
        async with await aio_pika.connect(anna) as connection:
            with pytest.raises(ChannelAccessRefused):
                await (await (await connection.channel()).get_queue(queue, ensure=False)).get()


async def test_an_account_of_one_system_cannot_hand_in_for_another(url_of: Callable[[str], str]) -> None:
    bea = url_of(f"naast-reports-{quote(SYSTEM, safe='')}")
    await say(bea, SYSTEM, exchange=topology.REPORTS)
    for key in ("st-bea", "st-bea.datix", "st-anna", f"{SYSTEM}x", SYSTEM.replace(".*", "x"), f"x{SYSTEM}"):
        with pytest.raises(ChannelAccessRefused):
            await say(bea, key, exchange=topology.REPORTS)


async def test_no_account_reads_the_queue_of_another_service_or_takes_one_away(url_of: Callable[[str], str]) -> None:
    for service in SERVICES:
        for queue in (name for name in (*SERVICES, topology.REPORTS) if name != service):
            if (service, queue) == ("intake", topology.REPORTS):
                continue
            async with await aio_pika.connect(url_of(f"naast-{service}")) as connection:
                with pytest.raises(ChannelAccessRefused):
                    await (await (await connection.channel()).get_queue(queue, ensure=False)).get()
        async with await aio_pika.connect(url_of(f"naast-{service}")) as connection:
            with pytest.raises(ChannelAccessRefused):
                await (await connection.channel()).queue_delete(service)


def test_each_service_may_say_all_that_it_says_to_all_who_hear_it_and_no_more() -> None:
    names = accounts_of()
    made = definitions.definitions("naast", VHOST, (), dict.fromkeys(names, ""))
    written = {one["user"]: one["write"] for one in made["topic_permissions"] if one["exchange"] == EVENTS}
    for kind in (kind for kind in CATALOGUE.values() if issubclass(kind, Fact) and kind.heard_by):
        for service in SERVICES:
            may = re_match(written[f"naast-{service}"], f"{kind.publisher}.{kind.name}")
            assert may == (kind.publisher == service), (service, kind.type)
        assert all(re_match(written[f"naast-{kind.publisher}"], topology.to(one)) for one in kind.heard_by)
        assert all(re_match(written[f"naast-{one}"], topology.to(kind.publisher)) for one in kind.heard_by)


def re_match(pattern: str, text: str) -> bool:
    return re.search(pattern, text) is not None


async def test_an_account_that_may_say_anything_is_found_out(rabbit_server: RabbitMQ, place: Place) -> None:
    url = rabbit_server.fresh()
    await topology.declare(url)
    assert await accounts.may_say_anything(url, "training")


async def test_the_doctor_says_where_facts_can_be_forged(rabbit_server: RabbitMQ, url_of: Callable[[str], str]) -> None:
    bound, shared = url_of("naast-training"), rabbit_server.fresh()
    await topology.declare(shared)
    named = str(URL(shared).with_user("naast-training").with_password(PASSWORD))
    rabbit_server.control("set_permissions", "-p", URL(shared).path[1:], "naast-training", ".*", ".*", ".*")
    found = [await trust.broker(Settings(amqp_url=SecretStr(url))) for url in (bound, shared, named)]
    assert [one.state for one in found] == ["good", "look", "look"]  # on this machine nobody else may be there
    assert "this account is shared by all services" in found[1].says
    assert "this account may speak for other services" in found[2].says


@pytest.mark.parametrize(
    ("url", "private", "refused"),
    [
        ("amqps://naast:word@broker.example/", False, True),
        ("amqps://naast:word@broker.example/", True, False),
        ("amqps://naast-intake:word@broker.example/", False, False),
        ("amqp://naast:word@127.0.0.1/", False, False),
    ],
)
def test_reports_are_not_taken_where_anybody_may_hand_them_in(
    url: str, private: bool, refused: bool, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    metrics = Metrics()
    speakers = Speakers(url, "intake", metrics, is_private=private, takes_reports=True)
    if refused:
        with pytest.raises(AnybodyMaySpeak):
            speakers.begin()
    else:
        speakers.begin()
    told = metrics.registry.get_sample_value("naast_trust_problems", {"service": "intake", "what": "facts"})
    assert told == (None if speakers.account.is_own else 1)
    logged = "".join((caplog.text, *capfd.readouterr()))
    assert ("facts_can_be_forged" in logged) == (not speakers.account.is_own)


def test_text_of_a_stranger_makes_no_label_of_a_metric() -> None:
    metrics = Metrics()
    for type in ("naast.training.coverage_measured.v1", "Anna Marker", "naast.x.y.v9"):
        metrics.consumed("matching", [(type, 0.0)])
        metrics.dead_letter("matching", type, "unknown_type")
        metrics.duplicate("matching", type)
        metrics.parked("matching", type)
    metrics.gap_passed("matching", "Anna Marker")
    labels = [one.labels for family in metrics.registry.collect() for one in family.samples]
    types = {one["type"] for one in labels if "type" in one}
    assert types == {"naast.training.coverage_measured.v1", "unknown"}
    assert {one["publisher"] for one in labels if "publisher" in one} == {"unknown"}


async def test_text_of_a_stranger_is_not_written_in_the_log(
    place: Place, other: Publisher, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    engine = await place.engine()
    first, early = (json.loads(write(other(talk(case, 1)))) for case in ("c-1", "c-2"))
    strange = [first | {"type": "Anna Marker"}, early | {"source": "urn:naast:Anna", "type": "x", "nth": "matching=2"}]
    await engine.handle([opened(json.dumps(one).encode()) for one in strange])
    place.clock.move_to(place.clock.now() + engine.protocol.gap_limit + timedelta(seconds=1))
    assert await engine.pass_gaps() == 1
    logged = "".join((caplog.text, *capfd.readouterr()))
    assert ("dead_letter" in logged, "gap_passed" in logged, "Anna" in logged) == (True, True, False)


def test_an_operator_is_given_definitions_and_passwords_that_fit(terminal: Terminal) -> None:
    terminal.ok("hospital new st-lucas --yes")
    made = terminal.json("broker definitions --vhost naast")
    again = terminal.json("broker definitions --vhost naast")
    names = [*(f"naast-{service}" for service in SERVICES), "naast-reports-st-lucas"]
    assert [one["name"] for one in made["users"]] == names
    folder = terminal.home / "broker"
    assert sorted(path.name for path in folder.iterdir()) == sorted(names)
    for user in (*made["users"], *again["users"]):
        salted = base64.b64decode(user["password_hash"])
        password = (folder / user["name"]).read_bytes()
        assert (hashlib.sha256(salted[:4] + password).digest(), user["tags"]) == (salted[4:], [])
    assert open_to_others(terminal.home) == []
    assert {one["name"] for one in made["queues"]} == {one.name for one in topology.queues()}
    assert {one["source"] for one in made["bindings"]} == {one["name"] for one in made["exchanges"]}


def test_an_operator_names_the_systems_of_a_hospital_each_with_an_account_of_its_own(terminal: Terminal) -> None:
    terminal.ok("hospital new st-lucas --yes")
    terminal.ok("hospital new st-anna --yes")
    made = terminal.json(
        "broker definitions --system st-lucas.Datix --system st-lucas.http://vim/a --system st-lucas.Datix"
    )
    keys = {one["user"]: one["write"] for one in made["topic_permissions"] if one["exchange"] == topology.REPORTS}
    assert keys == {
        "naast-reports-st-anna": r"^(st\-anna)$",
        "naast-reports-st-lucas.Datix": r"^(st\-lucas\.Datix)$",
        "naast-reports-st-lucas.http%3A%2F%2Fvim%2Fa": r"^(st\-lucas\.http://vim/a)$",
    }
    assert {name for name in keys if (terminal.home / "broker" / name).is_file()} == set(keys)
    for wrong in ("st-bea.Datix", "st-lucas.", "st-lucas", "st-lucas." + "x" * 250):
        assert terminal(f"broker definitions --system {wrong}").code == WRONG
