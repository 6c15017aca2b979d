"""The front page: what matters today for who is signed in and who isn't, and the site as an app."""

import re


async def test_the_site_can_be_installed_as_an_app(web):
    front = await web.get("/status")
    manifest = await web.get(re.search(r'rel="manifest" href="([^"]+)"', front.text)[1])
    assert manifest.headers["content-type"] == "application/manifest+json"
    stated = manifest.json()
    assert (stated["start_url"], stated["display"]) == ("/", "minimal-ui")
    for icon in stated["icons"]:
        assert (await web.get(icon["src"])).headers["content-type"] == icon["type"]
    for shortcut in stated["shortcuts"]:
        assert (await web.get(shortcut["url"])).status_code == 200
