"""Texts of the command table: what each command does, in at most 100 characters, and what its words are."""

WINDOWS = ("day", "week", "month")
STYLES = ("auto", "cards", "list")
FORMATS = ("bibtex", "ris")

START = "What this is and how to begin"
HELP = "All commands, or one of them, and how to write a query"
SUBSCRIBE = "Be told here of each new paper that matches a query"
SUBSCRIPTIONS = "Your subscriptions; open one to edit, pause or delete it"
UNSUBSCRIBE = "Stop a subscription, by its number or its query"
PREVIEW = "What a query would have found lately, and how often, without subscribing"
WHY = "Why a paper did or did not reach you, or whether a query finds it"
SEARCH = "Search all papers held, with the same words as a subscription"
TRENDING = "The most upvoted papers of the day, week or month"
DIGEST = "How often papers come to this place: at once, daily or weekly"
QUIET = "Hours in which nothing is sent to this place"
STYLE = "One message a paper, or lists, in this place"
MUTES = "What is muted in this place, to lift again"
PAUSE = "Send nothing to this place until you say /resume"
RESUME = "Send papers to this place again"
FEED = "Your private feed for a feed reader; `/feed reset` makes new links"
SAVE = "Keep a paper in your list"
SAVED = "Your kept papers; as BibTeX or RIS file on request"
WATCH = "Hear of a paper's new versions, withdrawal, publication and code"
STATUS = "Whether papers are coming in and going out"
EXPORT = "Everything that is stored about you, as a file"
FORGET = "Delete everything that is stored about you"
LINK = "Join this account with yours on another channel"

QUERY_WORDS = 'words, "phrases", cat:cs.CL, au:name, -not, OR; /help query says more'
HELP_WORDS = "a command, or the word query"
SUBSCRIPTIONS_WORDS = "a subscription's number, and its new query to change it"
UNSUBSCRIBE_WORDS = "a subscription's number or its query"
WHY_WORDS = "a paper (arXiv id or address), and a query if you like"
TRENDING_WORDS = "day, week or month"
DIGEST_WORDS = "instant, daily HH:MM or weekly DAY HH:MM, and a time zone such as Europe/Berlin"
QUIET_WORDS = "HH:MM-HH:MM or off"
STYLE_WORDS = "auto, cards or list"
FEED_WORDS = "reset, for new links in place of the old"
PAPER_WORDS = "a paper: arXiv id, DOI or address"
WATCH_WORDS = "a paper (id, DOI or address), or several, or a pasted .bib"
SAVED_WORDS = "bibtex or ris"
LINK_WORDS = "the code that /link gave you on the other channel"

OPTION_TO = "another place: a channel or chat where you and this bot may write, or CHANNEL:ADDRESS"
OPTION_NAME = "a name for this subscription"
OPTION_WHEN = "instant, daily HH:MM or weekly DAY HH:MM"
OPTION_ROLE = "a role of this server that each alert mentions"
OPTION_OCCASIONS = "arrival, versions, withdrawn: one or several, with commas"

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
