"""Settings: the file, the environment, and errors that name the key and the nearest right one."""

from __future__ import annotations

import difflib
import importlib
import ipaddress
import os
import pkgutil
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, get_args
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, create_model
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

import paperwire.channels
import paperwire.sources
from paperwire.errors import ConfigError
from paperwire.wording import config as wording

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails

    from paperwire.ports import Options

PREFIX = "PAPERWIRE_"
# Variables that steer the program without being settings.
_OTHER_VARIABLES = {"PAPERWIRE_CONFIG", "PAPERWIRE_NOW"}
_ON_BY_DEFAULT = {"arxiv", "huggingface"}


class Database(BaseModel):
    """Where papers and people are kept: a SQLAlchemy address of SQLite (aiosqlite) or PostgreSQL (psycopg)."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    url: SecretStr = SecretStr("sqlite+aiosqlite:///paperwire.db")


class Web(BaseModel):
    """Where pages and feeds are served; `authority`, a host name for feed ids, is kept from the first start."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    authority: str = ""


class Section(BaseModel):
    """A room's sections: `load` makes a subclass with one `Options` per module of the room."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Settings(BaseSettings):
    """All settings of one process; `sources` and `channels` hold an `Options` per module."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True, hide_input_in_errors=True
    )

    public_url: str = "http://127.0.0.1:8000"
    contact: str = ""
    secret_key: SecretStr | None = None
    database: Database = Database()
    web: Web = Web()
    sources: Section = Section()
    channels: Section = Section()
    file: ClassVar[Path | None] = None
    fixed: ClassVar[dict[str, Any] | None] = None

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], *_others: Any, **_named: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """One source of values: the file with the environment on top."""
        return (_FileAndEnvironment(settings_cls, cls.file, cls.fixed),)

    def enabled(self, room: str) -> dict[str, Options]:
        """The options of every module of `room` (`sources` or `channels`) that is switched on, by its name.

        A section that is written down is on unless it says `enabled = false`; arXiv and Hugging Face need no section.
        """
        section = getattr(self, room)
        wanted = section.model_fields_set | (_ON_BY_DEFAULT & set(type(section).model_fields))
        return {name: getattr(section, name) for name in sorted(wanted) if getattr(section, name).enabled}

    def secrets(self) -> list[str]:
        """Every secret value in the settings, for the log's redaction."""
        return sorted(_secrets_of(self))


def _secrets_of(model: BaseModel) -> set[str]:
    found: set[str] = set()
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, SecretStr):
            found.add(value.get_secret_value())
        elif isinstance(value, BaseModel):
            found |= _secrets_of(value)
    return found - {""}


@cache
def modules(room: str) -> dict[str, Any]:
    """The modules of `sources` or `channels` that can be configured: one public file or folder each, by its name."""
    package = {"sources": paperwire.sources, "channels": paperwire.channels}[room]
    names = [found.name for found in pkgutil.iter_modules(package.__path__) if not found.name.startswith("_")]
    loaded = {name: importlib.import_module(f"{package.__name__}.{name}") for name in names}
    return {name: module for name, module in loaded.items() if hasattr(module, "Options")}


def _section(room: str) -> type[Section]:
    fields: dict[str, Any] = {name: (module.Options, module.Options()) for name, module in modules(room).items()}
    return create_model(room.capitalize(), __base__=Section, **fields)


def _secret_files(given: dict[str, Any], model: type[BaseModel], where: str = "") -> dict[str, Any]:
    """Put the content of `KEY_file` where the secret `KEY` belongs, at every depth of `given`."""
    settled = dict(given)
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel) and isinstance(given.get(name), dict):
            settled[name] = _secret_files(given[name], inner, f"{where}{name}.")
        elif SecretStr in (inner, *get_args(inner)) and f"{name}_file" in given:
            if name in given:
                raise ConfigError(wording.both(f"{where}{name}"))
            settled[name] = _read_secret(Path(str(settled.pop(f"{name}_file"))), f"{where}{name}_file")
    return settled


def _read_secret(path: Path, key: str) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(wording.unreadable_secret(key, str(path), str(error))) from None


def _merge(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    both = [key for key in above if isinstance(above[key], dict) and isinstance(below.get(key), dict)]
    return {**below, **above, **{key: _merge(below[key], above[key]) for key in both}}


def _environment(model: type[BaseSettings]) -> dict[str, Any]:
    """What the environment sets, unknown top-level names included, so that a misspelt one is refused."""
    given = EnvSettingsSource(model)()
    for variable, value in os.environ.items():
        if not variable.upper().startswith(PREFIX) or variable.upper() in _OTHER_VARIABLES:
            continue
        first = variable[len(PREFIX) :].lower().split("__")[0]
        if first not in model.model_fields:
            given.setdefault(first, value)
    return given


class _FileAndEnvironment(PydanticBaseSettingsSource):
    """The file below, the environment above, secrets read from the files they name."""

    def __init__(self, settings_cls: type[BaseSettings], path: Path | None, fixed: dict[str, Any] | None) -> None:
        super().__init__(settings_cls)
        self.path = path
        self.fixed = fixed

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002  the base's signature
        """Not asked for: `__call__` gives all values at once."""
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """All values, not yet validated."""
        if self.fixed is not None:
            return self.fixed
        given = TomlConfigSettingsSource(self.settings_cls, toml_file=self.path)() if self.path else {}
        return _secret_files(_merge(given, _environment(self.settings_cls)), self.settings_cls)


def _settings_class(path: Path | None) -> type[Settings]:
    rooms: dict[str, Any] = {room: (made := _section(room), made()) for room in ("sources", "channels")}
    model = create_model("PaperwireSettings", __base__=Settings, **rooms)
    model.file = path
    return model


def find_file(given: Path | None) -> Path | None:
    """The settings file: `given`, else `PAPERWIRE_CONFIG`, else `config.toml` in the working folder if there is one.

    Raises:
        ConfigError: a file was named and is not there.
    """
    named = given or (Path(os.environ["PAPERWIRE_CONFIG"]) if os.environ.get("PAPERWIRE_CONFIG") else None)
    if named is not None:
        if not named.is_file():
            raise ConfigError(wording.no_file(str(named)))
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
        if "public_url" not in settings.model_fields_set:
            settings = settings.model_copy(update={"public_url": f"http://127.0.0.1:{settings.web.port}"})
        return settings
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(wording.not_toml(str(path), str(error))) from None
    except OSError as error:
        raise ConfigError(wording.unreadable(str(path), error.strerror or str(error))) from None
    except ValidationError as error:
        raise ConfigError("\n".join(_explain(problem, model) for problem in error.errors())) from None
    except SettingsError as error:
        raise ConfigError(wording.bad_variable(str(error))) from None


def _explain(problem: ErrorDetails, model: type[BaseModel]) -> str:
    where = [str(part) for part in problem["loc"]]
    if problem["type"] != "extra_forbidden":
        return wording.wrong_value(".".join(where), problem["msg"].removeprefix("Value error, "))
    known = _known_keys(model)
    nearest = difflib.get_close_matches(".".join(where), known, n=1, cutoff=0.6)
    return wording.unknown_key(".".join(where), nearest[0] if nearest else "")


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
    model = _settings_class(None)
    model.fixed = {
        "public_url": f"http://127.0.0.1:{port}",
        "database": {"url": f"sqlite+aiosqlite:///{folder / 'paperwire.db'}"},
        "web": {"port": port},
        "sources": {"demo": {"enabled": True}} | {name: {"enabled": False} for name in _ON_BY_DEFAULT},
        "channels": {name: {"enabled": False} for name in modules("channels")},
    }
    return model()


def is_loopback(url: str) -> bool:
    """Whether an address works on this machine only."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
