"""When papers come, in languages whose days of the week have gender, case or a plural of their own."""

import pytest

from paperwire.texts import texts_in
from paperwire.wording.cadences import cadence_words


@pytest.mark.parametrize(
    ("locale", "cadence", "words"),
    [
        ("en", "weekly mon,thu 08:00", "every Monday and Thursday at 08:00 (UTC)"),
        ("en", "second tue 09:00", "on the second Tuesday of each month at 09:00 (UTC)"),
        ("ru", "weekly wed 08:00", "по средам в 08:00 (UTC)"),
        ("ru", "weekly mon,thu 08:00", "по понедельникам и четвергам в 08:00 (UTC)"),
        ("ru", "every two weeks mon 09:00", "каждые 2 недели по понедельникам в 09:00 (UTC)"),
        ("ru", "second tue 09:00", "во второй вторник каждого месяца в 09:00 (UTC)"),
        ("ru", "last sun 09:00", "в последнее воскресенье каждого месяца в 09:00 (UTC)"),
        ("pt-BR", "weekly mon,sat 08:00", "às segundas-feiras e aos sábados, às 08:00 (UTC)"),
        ("pt-BR", "first wed 08:00", "na primeira quarta-feira de cada mês, às 08:00 (UTC)"),
        ("es", "weekly mon 08:00", "todos los lunes a las 08:00 (UTC)"),
        ("de", "weekly mon,thu 08:00", "montags und donnerstags um 08:00 (UTC)"),
        ("de", "first wed 08:00", "am ersten Mittwoch jedes Monats um 08:00 (UTC)"),
        ("zh-CN", "weekly mon,thu 08:00", "每周一和周四 08:00（UTC）"),
    ],
)
def test_days_of_the_week_stand_as_the_sentence_needs_them(locale, cadence, words):
    assert cadence_words(cadence, "UTC", texts_in(locale)) == words
