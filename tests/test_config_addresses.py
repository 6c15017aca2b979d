"""The addresses of services in settings: what is none is refused before anything is asked there."""

import pytest

from paperwire import config
from paperwire.errors import ConfigError

SERVICES = [
    f"{room}.{name}.{key}"
    for room in ("sources", "channels")
    for name, module in config.modules(room).items()
    for key, field in module.Options.model_fields.items()
    if str(field.default).startswith("http")
]


@pytest.mark.parametrize("url", ["api.example.org", "ftp://h", "https://h:99999", "https://a b", "https://u:canary@h"])
@pytest.mark.parametrize("key", [*SERVICES, "sources.arxiv.list_url", "library.zotero_url", "meaning.url"])
def test_it_must_be_one(tmp_path, key, url):
    section, _, name = key.rpartition(".")
    settings = tmp_path / "config.toml"
    settings.write_text(f'[{section}]\n{name} = "{url}"\n')
    with pytest.raises(ConfigError) as caught:
        config.load(settings)
    assert str(caught.value).startswith(f"setting '{key}' ({settings}): must be ")
    assert "canary" not in str(caught.value)
