"""`naast`, the one door for people at a terminal. It is a client: it asks the services and decides nothing."""

from __future__ import annotations

import typer

from services.cli.case import cases, explain, matches, referrals
from services.cli.case import colleague as case_colleague
from services.cli.case import commands as case_commands
from services.cli.case import coordinator as case_coordinator
from services.cli.case import supporter as case_supporter
from services.cli.case import talks as case_talks
from services.cli.command import BEGIN, DAILY, OPERATE, alone_does
from services.cli.day import feed, overview, plans, report, tasks
from services.cli.hospital import hospital, rules
from services.cli.ops import access_log, broker, clock, database, dead_letters, doctor, keys, run, secret
from services.cli.pool import availability, on_call, supporters

app = typer.Typer(
    name="naast",
    help="naast stands beside a hospital colleague after a shocking event.",
    epilog="Begin with: naast hospital new <id>, then naast feed <file>, then naast tasks.",
    cls=alone_does("--help"),
    rich_markup_mode="rich",
    add_completion=False,
    pretty_exceptions_enable=False,
)

run.add_to(app)
feed.add_to(app)
tasks.add_to(app)
cases.add_to(app, case_commands.app)
referrals.add_to(case_commands.app)
for people in (case_talks, case_colleague, case_supporter, case_coordinator):
    people.add_to(case_commands.app)
matches.add_to(app, case_commands.app)
explain.add_to(app)
overview.add_to(app)
supporters.add_to(app)
rules.add_to(app)
run.add_service_to(app)
doctor.add_to(app)
access_log.add_to(app)
app.add_typer(hospital.app, name="hospital", rich_help_panel=BEGIN)
app.add_typer(report.app, name="report", rich_help_panel=DAILY)
app.add_typer(tasks.app, name="task", rich_help_panel=DAILY)
app.add_typer(case_commands.app, name="case", rich_help_panel=DAILY)
app.add_typer(referrals.app, name="group", rich_help_panel=DAILY)
app.add_typer(supporters.app, name="supporters", rich_help_panel=DAILY)
app.add_typer(availability.app, name="availability", rich_help_panel=DAILY)
app.add_typer(on_call.app, name="on-call", rich_help_panel=DAILY)
app.add_typer(plans.app, name="plan", rich_help_panel=DAILY)
app.add_typer(keys.app, name="keys", rich_help_panel=OPERATE)
app.add_typer(clock.app, name="clock", rich_help_panel=OPERATE)
app.add_typer(dead_letters.app, name="dead-letters", rich_help_panel=OPERATE)
app.add_typer(secret.app, name="secret", rich_help_panel=OPERATE)
app.add_typer(broker.app, name="broker", rich_help_panel=OPERATE)
app.add_typer(database.app, name="db", rich_help_panel=OPERATE)


def main() -> None:
    """Runs a command."""
    app(prog_name="naast")
