"""A calendar file (RFC 5545) that says nothing but a day: whoever shares the calendar reads "Appointment"."""

from datetime import date
from uuid import uuid4

TITLE = "Appointment"


def calendar_file(day: date, today: date) -> bytes:
    """A whole day called "Appointment": no place, link, person, reminder or time at which it was made.

    Every line is shorter than the 75 bytes after which one is folded, and holds no mark that is escaped.
    """
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Calendar//EN",
        "BEGIN:VEVENT",
        f"UID:{uuid4()}",
        f"DTSTAMP:{today:%Y%m%d}T000000Z",
        f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
        f"SUMMARY:{TITLE}",
        "CLASS:PRIVATE",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
        "END:VCALENDAR",
    )
    return "".join(f"{line}\r\n" for line in lines).encode()
