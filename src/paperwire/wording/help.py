"""Texts of the command table: what each command does, in at most 100 characters, and what its words are."""

STYLES = ("auto", "cards", "list")

START = "What this is and how to begin"
HELP = "All commands, or one of them, and how to write a query"
DIGEST = "How often papers come to this place: at once, daily or weekly"
QUIET = "Hours in which nothing is sent to this place"
STYLE = "One message a paper, or lists, in this place"
MUTES = "What is muted in this place, to lift again"
PAUSE = "Send nothing to this place until you say /resume"
RESUME = "Send papers to this place again"
STATUS = "Whether papers are coming in and going out"
EXPORT = "Everything that is stored about you, as a file"
FORGET = "Delete everything that is stored about you"
LINK = "Join this account with yours on another channel"

HELP_WORDS = "a command, or the word query"
DIGEST_WORDS = "instant, daily HH:MM or weekly DAY HH:MM, and a time zone such as Europe/Berlin"
QUIET_WORDS = "HH:MM-HH:MM or off"
STYLE_WORDS = "auto, cards or list"
LINK_WORDS = "the code that /link gave you on the other channel"


QUERY_HELP = (
    ("diffusion model", "both words, anywhere in title or abstract; singular and plural are one"),
    ('"diffusion model"', "the phrase"),
    ("diffus*", "words that begin so"),
    ("=RAG", "exactly so, capitals too"),
    ("lora OR qlora", "either; capitals matter in OR, AND, NOT"),
    ("agent -game", "without a word"),
    ('ti:lora au:"yann lecun" cat:cs.CL', "in the title; by an author; in a class"),
    ("has:code", "with a code repository"),
    ("diffusion upvotes>=50", "told when a paper passes 50 upvotes"),
)
