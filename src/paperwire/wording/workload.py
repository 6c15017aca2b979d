"""What waits to be matched and sent, and which processes are there for it."""

from __future__ import annotations

from paperwire.core.health import Health
from paperwire.ports.channels import channel_label
from paperwire.texts import Texts
from paperwire.wording.times import utc


def queue_lines(now: Health, texts: Texts) -> list[str]:
    """What waits for a matcher and what waits to be sent, with the age of the oldest."""
    lines = []
    if now.unmatched_since is not None:
        lines.append(
            texts.ngettext(
                "%(num)s announcement waits to be matched, since %(when)s",
                "%(num)s announcements wait to be matched, the first since %(when)s",
                now.unmatched,
                when=utc(now.unmatched_since, texts),
            )
        )
    owed = texts.ngettext("%(num)s paper to send", "%(num)s papers to send", now.owed)
    if now.due_since is not None:
        due = texts.ngettext(
            "%(num)s is due since %(when)s",
            "%(num)s are due, the first since %(when)s",
            now.due,
            when=utc(now.due_since, texts),
        )
        owed = texts.row(owed, due)
    lines.append(owed)
    if now.held:
        lines.append(texts.ngettext("%(num)s paper is held", "%(num)s papers are held", now.held))
    return lines


def processes_line(now: Health, texts: Texts) -> str:
    if not now.processes:
        return texts.gettext("No process is running.")
    counts = (f"{role} {count}" for role, count in now.processes.items())
    # Translators: %(roles)s is a list such as "web 1, worker 2", of names that are never translated.
    return texts.gettext("Processes: %(roles)s", roles=texts.listed(counts))


def missing_line(role: str, now: Health, texts: Texts) -> str:
    problem = missing_role(role, now, texts)
    # Translators: %(problem)s says what is wrong, as a sentence; the command and %(role)s are never translated.
    return texts.gettext("⚠ %(problem)s To start one: paperwire run --only %(role)s", problem=problem, role=role)


def missing_role(role: str, now: Health, texts: Texts) -> str:
    match role:
        case "match":
            if now.unmatched_since is None:
                return texts.gettext("No process matches new papers.")
            return texts.ngettext(
                "No process matches new papers: %(num)s has waited since %(when)s.",
                "No process matches new papers: %(num)s wait, the first since %(when)s.",
                now.unmatched,
                when=utc(now.unmatched_since, texts),
            )
        case "collect":
            return texts.gettext("No process reads the sources.")
        case "deliver":
            return texts.gettext("No process sends papers.")
    return texts.gettext("No process answers on %(channel)s.", channel=channel_label(role))
