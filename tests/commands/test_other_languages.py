"""What people type in their own language: times, and queries whose words no paper has."""

import pytest
from commands_bot import GROUP, buttons_of, paper, text_of


async def asked(bot, text, locale="de", place=None):
    command, _, args = text.partition(" ") if text.startswith("/") else ("", "", text)
    request = bot.request(place=place, command=command.removeprefix("/"), args=args, locale=locale)
    return await bot.commands.handle(request)


@pytest.mark.parametrize(("command", "verb"), [("/preview", "try"), ("/search", "look")])
async def test_a_query_of_german_words_is_offered_in_english(bot, command, verb):
    await bot.record(paper(1, "Diffusion models for snakes"))
    reply = await asked(bot, f"{command} Diffusionsmodelle")
    assert '"diffusion model"' in text_of(reply)
    assert buttons_of(reply)['"diffusion model"'] == f'{verb}:"diffusion model"'
    assert "Diffusion models for snakes" in text_of(await bot.presses('"diffusion model"', reply))


async def test_a_subscription_of_german_words_is_offered_in_english(bot):
    await bot.record(paper(1, "Diffusion models for snakes"))
    reply = await asked(bot, "/subscribe Diffusionsmodelle")
    assert "englisch" in text_of(reply).casefold()
    assert "Check the spelling" not in text_of(reply)
    assert buttons_of(reply)['"diffusion model"'].startswith("swap:")
    await bot.presses('"diffusion model"', reply)
    assert '"diffusion model"' in text_of(await asked(bot, "/subscriptions"))


async def test_words_without_a_command_are_offered_in_english(bot):
    await bot.record(paper(1, "Diffusion models for snakes"))
    reply = await asked(bot, "Diffusionsmodelle")
    assert "englisch" in text_of(reply).casefold()
    assert "Diffusion models for snakes" in text_of(await bot.presses('"diffusion model"', reply))


async def test_a_query_that_finds_papers_is_left_alone(bot):
    await bot.record(paper(1, "Robotik und Robotics"))
    assert "robotics" not in buttons_of(await asked(bot, "/search Robotik"))


async def test_who_reads_another_language_is_offered_nothing(bot):
    await bot.record(paper(1, "Diffusion models for snakes"))
    assert '"diffusion model"' not in buttons_of(await asked(bot, "/search Diffusionsmodelle", locale="fr"))


async def test_times_are_read_in_german(bot):
    assert "07:00" in text_of(await asked(bot, "/digest täglich um 7 Uhr"))
    assert "22:00" in text_of(await asked(bot, "/quiet von 22 bis 7 Uhr"))
    assert "22:00" not in text_of(await asked(bot, "/quiet aus"))


WORDS = {
    "de": ("Ja, bitte!", "Nein danke", "Abbrechen", "rückgängig", "Danke!", "Hallo", "Hilfe", "Stopp", "abmelden"),
    "fr": ("Oui !", "non", "Annuler", "annuler ça", "merci", "Bonjour !", "à l’aide", "arrêter", "me désabonner"),
    "es": ("¡Sí!", "no, gracias", "cancelar", "Deshacer", "gracias", "¡Hola!", "ayuda", "parar", "darme de baja"),
    "pt-BR": ("Sim.", "não", "cancelar", "desfazer", "Obrigada!", "oi", "ajuda", "pare", "cancelar assinatura"),
    "ru": ("Да!", "нет", "Отмена", "отменить", "спасибо", "Привет!", "помощь", "стоп", "отписаться"),
    "ja": ("はい。", "いいえ", "キャンセル", "元に戻す", "ありがとう！", "こんにちは", "ヘルプ", "停止", "購読解除"),
    "ko": ("네!", "아니요.", "취소", "실행 취소", "감사합니다", "안녕하세요", "도움말", "중지", "구독 취소"),
    "zh-CN": ("是。", "否", "取消", "撤销", "谢谢！", "你好", "帮助", "停止", "退订"),
}


@pytest.mark.parametrize("locale", WORDS)
async def test_questions_are_answered_in_ones_own_words(bot, locale):
    yes, no, cancel, undo, *_ = WORDS[locale]
    for word, english in ((no, "no"), (yes, "yes")):
        await asked(bot, "/subscribe lora", locale)
        await asked(bot, "/forget", locale)
        answer = text_of(await asked(bot, word, locale))
        await asked(bot, "/subscribe lora", locale)
        await asked(bot, "/forget", locale)
        assert text_of(await asked(bot, english, locale)) == answer
        assert "lora" not in answer
    await asked(bot, "/subscribe", locale)
    cancelled = text_of(await asked(bot, cancel, locale))
    await asked(bot, "/subscribe", locale)
    assert text_of(await asked(bot, "cancel", locale)) == cancelled
    await asked(bot, "/subscribe lora", locale)
    await asked(bot, undo, locale)
    assert "lora" not in text_of(await asked(bot, "/subscriptions", locale))


@pytest.mark.parametrize("locale", WORDS)
async def test_what_is_said_to_anyone_is_understood(bot, locale):
    *_, thanks, hello, needs_help, stop, unsubscribe = WORDS[locale]
    said = {thanks: "thanks", hello: "hello", needs_help: "help", stop: "stop", unsubscribe: "unsubscribe"}
    for word, english in said.items():
        assert text_of(await asked(bot, word, locale)) == text_of(await asked(bot, english, locale))
    assert "lora" in text_of(await asked(bot, f"{hello} lora", locale))


@pytest.mark.parametrize(("option", "locale"), [("empty:Ja", "de"), ("empty:はい", "ja"), ("empty:sí", "es")])
async def test_options_take_a_yes_in_ones_own_language(bot, option, locale):
    shown = {}
    for typed in ("empty:yes", option, "empty:no"):
        shown[typed] = text_of(await asked(bot, f"/digest daily 08:00 {typed} Europe/Berlin", locale))
    assert shown[option] == shown["empty:yes"] != shown["empty:no"]


async def test_a_meeting_is_ended_in_ones_own_language(bot):
    await asked(bot, "/agenda freitags 16:40 Uhr UTC", place=GROUP)
    assert "16:40" in text_of(await asked(bot, "/agenda", place=GROUP))
    await asked(bot, "/agenda aus", place=GROUP)
    assert "16:40" not in text_of(await asked(bot, "/agenda", place=GROUP))


@pytest.mark.parametrize("locale", WORDS)
async def test_an_undo_in_reply_to_us_is_taken_in_groups_too(bot, locale):
    undo = WORDS[locale][3]
    await asked(bot, "/subscribe lora", locale, GROUP)
    await bot.commands.handle(bot.request(place=GROUP, args=undo, locale=locale, replied="77"))
    assert "lora" not in text_of(await asked(bot, "/subscriptions", locale, GROUP))
