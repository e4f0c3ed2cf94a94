from datetime import timedelta

import pytest

from bot.errors import BadSettings
from bot.settings import Settings, env_name, list_settings, load_settings

SECRET = "sesame-open-0123456789"


def test_everything_has_a_sensible_default(tmp_path):
    settings = load_settings({}, folder=tmp_path)
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)
    assert settings.store_url.startswith("sqlite:///")
    assert settings.is_loopback
    assert settings.weights.half_life == timedelta(days=3)


def test_the_environment_overrules_dotenv_which_overrules_the_toml_file(tmp_path):
    (tmp_path / "broadsheet.toml").write_text('port = 1\nhost = "localhost"\ncontact = "me@example.org"\n')
    (tmp_path / ".env").write_text("BROADSHEET_PORT=2\nBROADSHEET_HOST=::1\n")
    settings = load_settings({"BROADSHEET_PORT": "3"}, folder=tmp_path)
    assert (settings.port, settings.host, settings.contact) == (3, "::1", "me@example.org")
    assert load_settings({}, folder=tmp_path, overrides={"port": 4, "host": None}).port == 4
    origins = {line.name: line.origin for line in list_settings({"BROADSHEET_PORT": "3"}, folder=tmp_path)}
    assert [origins[name] for name in ("BROADSHEET_PORT", "BROADSHEET_HOST", "BROADSHEET_CONTACT")] == [
        "environment",
        ".env",
        "TOML file",
    ]


def test_all_mistakes_are_reported_at_once_with_their_names(tmp_path):
    wrong = {
        "BROADSHEET_PORT": "abc",
        "BROADSHEET_HF_URL": "huggingface",
        "BROADSHEET_ARXIV_CATEGORIES": "cs.CL cs.XX",
        "BROADSHEET_ZONE": "Mars/Phobos",
        "BROADSHEET_PROT": "1",
        "BROADSHEET_TOKEN_FILE": str(tmp_path / "absent"),
    }
    with pytest.raises(BadSettings) as refused:
        load_settings(wrong, folder=tmp_path)
    assert {mistake.split(" ")[0].rstrip(":") for mistake in refused.value.mistakes} == set(wrong)
    assert "did you mean BROADSHEET_PORT?" in str(refused.value)


def test_a_secret_may_stand_in_a_file_and_is_never_shown(tmp_path):
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    environ = {"BROADSHEET_TOKEN_FILE": str(tmp_path / "secret"), "BROADSHEET_DATABASE_URL": f"sqlite:///{SECRET}"}
    settings = load_settings(environ, folder=tmp_path)
    assert settings.token is not None
    assert settings.token.get_secret_value() == SECRET
    assert SECRET not in repr(settings)
    assert SECRET not in repr(list_settings(environ, folder=tmp_path))


def test_a_wrong_secret_is_not_repeated_in_its_error(tmp_path):
    with pytest.raises(BadSettings) as refused:
        load_settings({"BROADSHEET_LOG_LEVEL": SECRET}, folder=tmp_path)
    assert SECRET not in str(refused.value)


def test_categories_are_split_and_spelled(tmp_path):
    settings = load_settings({"BROADSHEET_ARXIV_CATEGORIES": "cs.cl, HEP-TH"}, folder=tmp_path)
    assert settings.arxiv_categories == ("cs.CL", "hep-th")


def test_names_of_a_reverse_proxy_are_bare_and_call_for_a_token(tmp_path):
    settings = load_settings({"BROADSHEET_ALLOWED_HOSTS": "Papers.example.org, lab"}, folder=tmp_path)
    assert settings.allowed_hosts == ("papers.example.org", "lab")
    assert not settings.is_loopback
    assert load_settings({}, folder=tmp_path).allowed_hosts == ()


@pytest.mark.parametrize("name", ["https://papers.example.org", "papers.example.org:443", "*", "a/b", "-a", "a..b"])
def test_what_is_no_bare_host_name_is_refused(tmp_path, name):
    with pytest.raises(BadSettings, match=r"BROADSHEET_ALLOWED_HOSTS: .*no bare host name"):
        load_settings({"BROADSHEET_ALLOWED_HOSTS": name}, folder=tmp_path)


@pytest.mark.parametrize(("text", "value"), [("", True), ("true", True), ("off", False), ("0", False)])
def test_thumbnails_can_be_turned_off(tmp_path, text, value):
    assert load_settings({"BROADSHEET_THUMBNAILS": text}, folder=tmp_path).thumbnails is value


def test_a_named_config_file_must_exist(tmp_path):
    with pytest.raises(BadSettings, match="there is no file"):
        load_settings({"BROADSHEET_CONFIG": str(tmp_path / "absent.toml")}, folder=tmp_path)


def test_names_of_platforms_to_come_are_left_alone(tmp_path):
    environ = {"BROADSHEET_DISCORD_TOKEN": "y", "PATH": "/bin"}
    assert load_settings(environ, folder=tmp_path).port == 8080


def test_every_setting_says_what_it_is_for():
    assert all(info.description for info in Settings.model_fields.values())
    assert env_name("data_dir") == "BROADSHEET_DATA_DIR"


SOCKET = {"BROADSHEET_SLACK_BOT_TOKEN": "xoxb-1", "BROADSHEET_SLACK_APP_TOKEN": "xapp-1"}


def test_slack_over_a_socket_needs_both_tokens(tmp_path):
    assert load_settings(SOCKET, folder=tmp_path).has_slack
    with pytest.raises(BadSettings, match="BROADSHEET_SLACK_APP_TOKEN"):
        load_settings({"BROADSHEET_SLACK_BOT_TOKEN": "xoxb-1"}, folder=tmp_path)


def test_slack_tokens_that_were_given_in_each_others_place_are_told_apart(tmp_path):
    with pytest.raises(BadSettings, match="begins with xoxb-"):
        load_settings({"BROADSHEET_SLACK_BOT_TOKEN": "xapp-1", "BROADSHEET_SLACK_APP_TOKEN": "xoxb-1"}, folder=tmp_path)


def test_slack_over_http_needs_the_address_that_slack_calls(tmp_path):
    with pytest.raises(BadSettings, match="BROADSHEET_PUBLIC_URL"):
        load_settings(
            {
                "BROADSHEET_SLACK_CLIENT_ID": "1.2",
                "BROADSHEET_SLACK_CLIENT_SECRET": "s",
                "BROADSHEET_SLACK_SIGNING_SECRET": "s",
            },
            folder=tmp_path,
        )


def test_slack_runs_in_one_way_or_the_other(tmp_path):
    with pytest.raises(BadSettings, match="not both"):
        load_settings({**SOCKET, "BROADSHEET_SLACK_CLIENT_ID": "1.2"}, folder=tmp_path)


def test_a_public_address_asks_for_a_token_on_the_page(tmp_path):
    settings = load_settings({"BROADSHEET_PUBLIC_URL": "https://papers.example.org"}, folder=tmp_path)
    assert not settings.is_loopback
    assert settings.known_hosts == ("papers.example.org",)
