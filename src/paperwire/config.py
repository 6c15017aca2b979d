"""Settings: the file, the environment, and errors that name the key and the nearest right one."""

from __future__ import annotations

import difflib
import os
import pkgutil
import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, get_args
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError, create_model, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from paperwire.errors import ConfigError
from paperwire.libraries.zotero import Options as LibraryOptions
from paperwire.ports.options import (
    BackupOptions,
    Contact,
    Database,
    ListOptions,
    NetworkOptions,
    OpsOptions,
    Options,
    PeopleOptions,
    PublicAddress,
    WebOptions,
)

if TYPE_CHECKING:  # nothing here needs the library at run time
    from pydantic_core import ErrorDetails


PREFIX = "PAPERWIRE_"
# Variables that steer the program without being settings.
_OTHER_VARIABLES = {"PAPERWIRE_CONFIG", "PAPERWIRE_NOW"}
# What Kubernetes puts into every container for a Service called `paperwire`; settings have two underscores, not one.
_SERVICE_VARIABLE = re.compile(
    rf"{PREFIX}(?:SERVICE_HOST|SERVICE_PORT(?:_[A-Z0-9_]+)?|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?)"
)
OFF, BUILT_IN = "off", "table"
"""The encoder of those who do without, and the one that comes along."""
_ON_BY_DEFAULT = {"arxiv", "huggingface"}
_MUST_BE = {
    **dict.fromkeys(("bool_type", "bool_parsing"), "true or false"),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), "a whole number"),
    "dict_type": 'a table such as { "KEY" = "VALUE" }; as JSON in the environment',
    "path_type": "a path in quotes",
    "string_type": "text in quotes",
    "tuple_type": 'a list such as ["one", "two"]; as JSON in the environment',
}
"""What a value has to be, by the type of error that pydantic gives it."""


class Meaning(BaseModel):
    """Which encoder makes vectors of papers, or `off`; `load` makes a subclass with the keys of all of them."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    encoder: str = BUILT_IN

    @field_validator("encoder")
    @classmethod
    def _is_encoder(cls, name: str) -> str:
        names = [*modules("encoders"), OFF]
        if name not in names:
            raise ValueError(f"must be one of {', '.join(names)}")
        return name


class Section(BaseModel):
    """A room's sections: `load` makes a subclass with one `Options` per module of the room."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Settings(BaseSettings):
    """All settings of one process; `sources` and `channels` hold an `Options` per module."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True, hide_input_in_errors=True
    )

    public_url: PublicAddress = "http://127.0.0.1:8000"
    contact: Contact = ""
    secret_key: SecretStr | None = None
    database: Database = Database()
    web: WebOptions = WebOptions()
    ops: OpsOptions = OpsOptions()
    backup: BackupOptions = BackupOptions()
    people: PeopleOptions = PeopleOptions()
    network: NetworkOptions = NetworkOptions()
    lists: ListOptions = ListOptions()
    sources: Section = Section()
    channels: Section = Section()
    meaning: Meaning = Meaning()
    library: LibraryOptions = LibraryOptions()
    file: ClassVar[Path | None] = None

    @model_validator(mode="before")
    @classmethod
    def _read_secrets(cls, given: dict[str, Any]) -> dict[str, Any]:
        return _secret_files(given, cls, cls.file)

    @field_validator("secret_key")
    @classmethod
    def _is_key(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None and not key.get_secret_value().strip():
            raise ValueError("must not be empty; without it a key is made and kept next to the database")
        return key

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: Any, *_others: Any, **_named: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The values that are given, and nothing else; without any, the environment and below it the file."""
        if init_settings.init_kwargs:
            return (init_settings,)
        environment = _Environment(settings_cls, env_ignore_empty=True)
        return environment, _SettingsFile(settings_cls, toml_file=cls.file)

    def enabled(self, room: str) -> dict[str, Options]:
        """The options of every module of `room` (`sources` or `channels`) that is switched on, by its name.

        A section that is written down is on unless it says `enabled = false`; arXiv and Hugging Face need no section.
        """
        section = getattr(self, room)
        names = section.model_fields_set | (_ON_BY_DEFAULT & set(type(section).model_fields))
        return {name: getattr(section, name) for name in sorted(names) if getattr(section, name).enabled}

    def lacking(self, room: str) -> dict[str, str]:
        """The key that each module of `room` needs and has not, unless it is switched off."""
        section = getattr(self, room)
        options = {name: getattr(section, name) for name in sorted(type(section).model_fields)}
        return {name: key for name, section in options.items() if section.enabled and (key := section.missing())}

    def secrets(self) -> list[str]:
        """Every secret value in the settings, for the log's redaction; of addresses also the password alone."""
        return sorted(_secrets_of(self))


def _secrets_of(model: BaseModel) -> set[str]:
    passwords: set[str] = set()
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, SecretStr):
            passwords |= _with_password(value.get_secret_value().strip())
        elif isinstance(value, BaseModel):
            passwords |= _secrets_of(value)
    return passwords


def _with_password(secret: str) -> set[str]:
    """A secret; of an address its password in both writings, as most of it is none."""
    try:
        password = urlsplit(secret).password or ""
    except ValueError:
        return {secret}
    if "://" not in secret:
        return {secret} - {""}
    return {password, unquote(password)} - {""}


@cache
def modules(room: str) -> dict[str, Any]:
    """The modules of a room that can be configured: one public file or folder each, by its name.

    Other packages add sources by entry points. Raises ConfigError for one that can't be loaded or takes a name.
    """
    package = import_module(f"paperwire.{room}")
    names = [module.name for module in pkgutil.iter_modules(package.__path__) if not module.name.startswith("_")]
    loaded = {name: import_module(f"{package.__name__}.{name}") for name in names}
    loaded = {name: module for name, module in loaded.items() if hasattr(module, "Options")}
    return loaded | (_added(loaded) if room == "sources" else {})


def _added(own: Mapping[str, Any]) -> dict[str, Any]:
    """The sources of other packages that are installed, by the names of their entry points."""
    added: dict[str, Any] = {}
    for point in entry_points(group="paperwire.sources"):
        if point.name in own or point.name in added:
            raise ConfigError(f"the entry point {point.name!r} of {point.value} has the name of another source")
        try:
            added[point.name] = point.load()
        except Exception as error:
            raise ConfigError(f"the source {point.name!r} ({point.value}) can't be loaded: {error}") from error
        if not (hasattr(added[point.name], "Options") and hasattr(added[point.name], "build")):
            raise ConfigError(f"the source {point.name!r} ({point.value}) has no Options or no build")
    return added


def roles() -> dict[str, str]:
    """The roles of the processes that listen, by the names of their channels."""
    return {name: module.Options.role for name, module in modules("channels").items() if module.Options.role}


def _section(room: str) -> type[Section]:
    fields: dict[str, Any] = {name: (module.Options, module.Options()) for name, module in modules(room).items()}
    return create_model(room.capitalize(), __base__=Section, **fields)


def _secret_files(given: dict[str, Any], model: type[BaseModel], file: Path | None, where: str = "") -> dict[str, Any]:
    """Put the content of `KEY_file` where the secret `KEY` belongs, at every depth of `given`, which is of `file`."""
    settled = dict(given)
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel) and isinstance(given.get(name), dict):
            settled[name] = _secret_files(given[name], inner, file, f"{where}{name}.")
        elif SecretStr in (inner, *get_args(inner)) and f"{name}_file" in given:
            key = f"{where}{name}"
            if name in given:
                raise ConfigError(f"settings {key!r} and {key + '_file'!r} are both given; keep one of them")
            settled[name] = _read_secret(settled.pop(f"{name}_file"), named(f"{key}_file", file))
    return settled


def _read_secret(path: object, key: str) -> str:
    """The secret in a file. No error shows `path`: some write the secret itself there."""
    problem = "it is empty"
    try:
        if secret := Path(str(path)).read_text(encoding="utf-8").strip():
            return secret
    except UnicodeDecodeError:
        problem = "it is no UTF-8 text"
    except (OSError, ValueError) as error:  # the other is of a path that can't be one
        problem = (isinstance(error, OSError) and error.strerror) or str(error)
    raise ConfigError(f"setting {key}: cannot read its file: {problem}")


class _SettingsFile(TomlConfigSettingsSource):
    """The file, as editors on Windows write it, too: with a byte order mark."""

    def _read_file(self, file_path: Path | Traversable) -> dict[str, Any]:
        return tomllib.loads(file_path.read_text(encoding="utf-8-sig"))


class _Environment(EnvSettingsSource):
    """The environment, unknown names included, so that a misspelt one is refused; an empty variable is none."""

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:
        """JSON, or the text as it is: then it is refused with its key, which the library would not name."""
        try:
            return super().decode_complex_value(field_name, field, value)
        except ValueError:
            return value

    def __call__(self) -> dict[str, Any]:
        given = super().__call__()
        for variable in variables():
            first = variable[len(PREFIX) :].lower().split("__")[0]
            if first not in self.settings_cls.model_fields:
                given.setdefault(first, os.environ[variable])
        return given


def _settings_class(path: Path | None) -> type[Settings]:
    rooms: dict[str, Any] = {room: (made := _section(room), made()) for room in ("sources", "channels")}
    options = tuple(module.Options for module in modules("encoders").values())
    rooms["meaning"] = (meaning := create_model("Meaning", __base__=(Meaning, *options)), meaning())
    model = create_model("PaperwireSettings", __base__=Settings, **rooms)
    model.file = path
    return model


def variables() -> list[str]:
    """The environment variables that are settings, by name; an empty one is none."""
    names = (name for name, value in os.environ.items() if value and name.upper().startswith(PREFIX))
    return sorted(name for name in names if not _is_no_setting(name.upper()))


def _is_no_setting(name: str) -> bool:
    return name in _OTHER_VARIABLES or ("__" not in name and _SERVICE_VARIABLE.fullmatch(name) is not None)


def find_file(given: Path | None) -> Path | None:
    """The settings file: `given`, else `PAPERWIRE_CONFIG`, else `config.toml` in the working folder if there is one.

    Raises:
        ConfigError: a file was named and is not there.
    """
    named = given or (Path(os.environ["PAPERWIRE_CONFIG"]) if os.environ.get("PAPERWIRE_CONFIG") else None)
    if named is not None:
        if not named.is_file():
            raise ConfigError(f"no settings file at {named}; `paperwire init` writes one")
        return named
    usual = Path("config.toml")
    return usual if usual.is_file() else None


def load(given: Path | None = None) -> Settings:
    """Read and check all settings.

    Raises:
        ConfigError: a file that cannot be read, an unknown key, or a value that is wrong; names the key.
    """
    path = find_file(given)
    model = _settings_class(path)
    try:
        settings = model()
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"cannot read the settings in {path}: it is no UTF-8 text") from None
    except OSError as error:
        raise ConfigError(f"cannot read the settings in {path}: {error.strerror or str(error)}") from None
    except ValidationError as error:
        raise ConfigError("\n".join(_explain(problem, model) for problem in error.errors())) from None
    if "public_url" not in settings.model_fields_set:
        settings = settings.model_copy(update={"public_url": f"http://127.0.0.1:{settings.web.port}"})
    return settings


def _explain(problem: ErrorDetails, model: type[Settings]) -> str:
    where = [str(part) for part in problem["loc"] if isinstance(part, str)]
    key = named(".".join(where), model.file)
    match problem["type"]:
        case "extra_forbidden":
            nearest, keys = _near(where, model)
            hint = f"did you mean {nearest}?" if nearest else f"known here: {', '.join(keys)}"
            return f"unknown setting {key}; {hint}"
        case kind if kind in _MUST_BE:
            return f"setting {key}: must be {_MUST_BE[kind]}"
        case "model_type" | "model_attributes_type":
            return f"setting {key}: is a section; its keys stand below [{'.'.join(where)}]"
        case _:
            return f"setting {key}: {problem['msg'].removeprefix('Value error, ').replace('Input should', 'must')}"


def named(key: str, file: Path | None) -> str:
    """A key as it stands in `file`, and the variable or file that gave its value, if one did."""
    origin = _variable(key.split(".")) or str(file or "")
    return f"{key!r} ({origin})" if origin else repr(key)


def _variable(where: Sequence[str]) -> str:
    """The environment variable that gave the value of a key, or of one below it; empty if none did."""
    name = PREFIX + "__".join(where).upper()
    for variable in variables():
        if variable.upper() == name or variable.upper().startswith(f"{name}__"):
            return variable
    return ""


def _near(where: Sequence[str], model: type[BaseModel]) -> tuple[str, list[str]]:
    """The right key that is most like an unknown one (empty if none is), and those of the section it stands in."""
    keys = _known_keys(model)
    section = "".join(f"{part}." for part in where[:-1])
    siblings = [key.removeprefix(section) for key in keys if key.startswith(section)]
    siblings = [key for key in siblings if "." not in key]
    matches = [section + key for key in difflib.get_close_matches(where[-1], siblings, n=1, cutoff=0.6)]
    # Otherwise it may be right except for its section: `telegram.token`, `web_port`.
    others = [key for key in keys if not section or not f"{key}.".startswith(section)]
    matches = matches or difflib.get_close_matches(
        ".".join(where), others, n=1, cutoff=0.6 if len(where) == 1 else 0.75
    )
    if not matches:
        return "", siblings
    variable = PREFIX + matches[0].replace(".", "__").upper() if _variable(where) else ""
    return f"{matches[0]!r} ({variable})" if variable else repr(matches[0]), siblings


def _known_keys(model: type[BaseModel], where: str = "") -> list[str]:
    keys: list[str] = []
    for name, field in model.model_fields.items():
        keys.append(f"{where}{name}")
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            keys += _known_keys(field.annotation, f"{where}{name}.")
        elif SecretStr in (field.annotation, *get_args(field.annotation)):
            keys.append(f"{where}{name}_file")
    return keys


def demo(folder: Path, port: int) -> Settings:
    """Settings for made-up papers in a database in `folder`, pages on `port` of this machine, and nothing else."""
    given: dict[str, Any] = {
        "public_url": f"http://127.0.0.1:{port}",
        "database": {"url": f"sqlite+aiosqlite:///{folder / 'paperwire.db'}"},
        "web": {"port": port},
        "ops": {"port": 0},
        "sources": {"demo": {"enabled": True}} | {name: {"enabled": False} for name in _ON_BY_DEFAULT},
        "channels": {name: {"enabled": False} for name in modules("channels")},
    }
    return _settings_class(None)(**given)
