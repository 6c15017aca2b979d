"""Words of sentences that say nothing of a paper's topic, by language: `ich suche`, `artigos sobre`, `найди статьи`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class PlainWords:
    """Words that say nothing of a paper's topic.

    `requests` ask for papers, `questions` are in no list of keywords either, and `orders` say what to do where a
    sentence begins with them. `excluding` stands before what papers are not to have, `by` before an author, `either`
    between topics of which any will do. `table` is the folder of the language's terms of the field, empty for English.
    """

    requests: frozenset[str]
    questions: frozenset[str]
    fillers: frozenset[str]
    orders: frozenset[str]
    excluding: frozenset[str]
    by: frozenset[str]
    either: frozenset[str]
    table: str = ""

    @cached_property
    def asking(self) -> frozenset[str]:
        return self.requests | self.questions

    @cached_property
    def plain(self) -> frozenset[str]:
        return self.asking | self.fillers | self.either

    @cached_property
    def known(self) -> frozenset[str]:
        """All but orders."""
        return self.plain | self.excluding


def words(typed: str) -> frozenset[str]:
    """The words between spaces."""
    return frozenset(typed.split())


def _plain_words(*typed: str, table: str = "") -> PlainWords:
    """Plain words, each kind typed with spaces between."""
    requests, questions, fillers, orders, excluding, by, either = map(words, typed)
    return PlainWords(requests, questions, fillers, orders, excluding, by, either, table)


_ENGLISH = _plain_words(
    "i i'm im i'd i've me please interested",
    "my we you want looking everything anything stuff papers articles about what what's whats how why which can could"
    " would",
    "a all also am an and any are arxiv as at be been by do does for from get has have if in into is it its kind lately"
    " latest like more need new of on either other out related so some that the their them then there these they this"
    " those to topic topics up us was were when where will with your something appears appear appearing comes published"
    " released recent newest interesting publications preprints submissions by",
    "add alert recommend find follow get give keep notify preview search send show subscribe tell",
    "except excluding without",
    "by from",
    "or",
)
_GERMAN = _plain_words(
    "ich mir mich bitte suche interessiere möchte brauche hätte",
    "alles arbeiten artikel literatur paper papers beiträge über neue neues neuen neueste gibt etwas welche wie was"
    " mein meine",
    "der die das den dem des ein eine einen einem einer zu zum zur von vom für mit in im an am auf aus bei und es"
    " veröffentlichungen studien publikationen thema sind ist gern gerne haben finden interessante aktuelle alle"
    " würde will lesen wissen sehen bekommen aktuellen wichtige wichtigsten",
    "zeige zeig schicke schick finde suche abonniere abonnieren gib melde folge folgen verfolge",
    "ohne außer ausser",
    "von",
    "oder",
    table="de",
)
_FRENCH = _plain_words(
    "je j'aimerais moi m'intéresse intéresse cherche voudrais veux souhaite besoin",
    "tout articles littérature papiers travaux études recherches nouveaux nouvelles récents récentes derniers"
    " dernières quoi quels quelles comment mes",
    "le la les l' un une des du de d' au aux en dans sur pour avec par et à il y que qui est sont nouveau neuf"
    " publications concernant suis trouver intéressants lire voir recevoir suivre recherche recents plus propos"
    " montre-moi envoie-moi donne-moi",
    "montre montre-moi envoie envoie-moi trouve cherche donne donne-moi suivre suis abonne",
    "sans sauf excepté",
    "de par",
    "ou",
    table="fr",
)
_SPANISH = _plain_words(
    "busco quiero quisiera interesa interesan necesito gustaría buscando interesado interesada",
    "todo artículos articulos literatura trabajos estudios investigaciones nuevos nuevas recientes últimos últimas"
    " qué cuáles cómo novedades mis",
    "el la los las un una lo me de del al en sobre para con por y que es son hay nuevo papers publicaciones acerca"
    " relacionados desde hasta año más leer ver recibir encontrar estoy ultimos publicados publicadas",
    "muestra muéstrame envía envíame busca encuentra dame",
    "sin excepto salvo",
    "de por",
    "o u",
    table="es",
)
_PORTUGUESE = _plain_words(
    "procuro quero queria gostaria interessado interessada interessa interessam busco preciso procurando buscando",
    "tudo artigos literatura trabalhos pesquisas novos novas recentes últimos últimas quais novidades estudos",
    "o a os as um uma me de do da dos das em no na nos nas sobre para com por e que é são há novo papers publicações"
    " ler ver receber encontrar estou respeito acerca relacionados favor desde até ano mais como publicados publicadas",
    "mostre mostra mostre-me envie envia envie-me encontre procure busque",
    "sem exceto excepto salvo menos",
    "de por do da",
    "ou",
    table="pt_BR",
)
_ITALIAN = _plain_words(
    "cerco vorrei voglio interessa interessano cercando interessato interessata bisogno",
    "tutto articoli letteratura lavori ricerche pubblicazioni nuovi nuove recenti ultimi ultime quali novità studi",
    "il lo la i gli le un una uno di del dello della dei degli delle a al alla ai agli alle in nel nella nei nelle su"
    " sul sullo sulla sui sugli sulle per da dal dalla dai con e che è sono c'è mi nuovo cosa paper leggere vedere"
    " ricevere trovare riguardo anno sto sono più pubblicati pubblicate dopo prima ho come",
    "mostra mostrami invia inviami manda mandami trova trovami cerca",
    "senza tranne eccetto escluse esclusi",
    "di da",
    "o oppure",
    table="it",
)
_RUSSIAN = _plain_words(
    "хочу хотел хотела ищу интересует интересуют интересуюсь нужны нужна нужно пожалуйста мне меня подпиши подпишите",
    "статьи статей статью статья работы работ публикации публикаций исследования исследований результаты литература"
    " литературу препринты"
    " новые новых последние последних свежие нового новое новости всё все какие какая что",
    "о об обо в во на с со по для про из от до за и а но не же при у к это есть я читать получать найти видеть"
    " посмотреть узнать почитать где тему теме темы связанные касающиеся посвященные посвящённые интересные недавние"
    " год года годы",
    "найди найдите покажи покажите пришли пришлите присылай присылайте отправь дай дайте ищи следи подпиши",
    "кроме без исключая исключив",
    "от автора авторства статьи работы публикации исследования препринты",
    "или либо",
    table="ru",
)
LANGUAGES = (_ENGLISH, _GERMAN, _FRENCH, _SPANISH, _PORTUGUESE, _ITALIAN, _RUSSIAN)
