use super::*;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const SPACED: &str = "abcd efgh ijkl tocsin-test-secret";
const NASTY: &str = " p$a#s tocsin-test-secret \"s' \\w\\ö😀 ${HOME}\\";

fn paths() -> (tempfile::TempDir, Paths) {
    let dir = tempfile::tempdir().unwrap();
    let paths = Paths::in_dir(dir.path());
    (dir, paths)
}

fn load(paths: &Paths, environment: Environment) -> Secrets {
    let settings = Settings::load(paths, &environment).settings;
    Secrets::load(paths, &environment, &settings)
}

fn reload(paths: &Paths) -> Secrets {
    load(paths, Environment::default().with_file(&paths.env_file))
}

fn with(paths: &Paths, vault: &Vault) -> Secrets {
    let environment = Environment::default().with_file(&paths.env_file);
    load(paths, environment.with_vault(vault.clone()))
}

fn value(secrets: &Secrets, name: SecretName) -> Option<String> {
    secrets.get(name, None).map(|s| s.expose().clone())
}

fn key(name: SecretName) -> SecretKey {
    SecretKey::new(name, None)
}

fn id(text: &str) -> ChannelId {
    ChannelId(text.into())
}

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

fn set_in(from: SecretPlace) -> SecretState {
    SecretState::Set {
        from,
        editable: from != SecretPlace::Environment,
    }
}

#[test]
fn a_secret_reads_back_exactly_after_a_restart() {
    for text in [NASTY, SPACED, "x", "=", "'", "\"", "\\", "$"] {
        let (_dir, paths) = paths();
        let mut secrets = Secrets::default();
        let name = SecretName::EmailPassword;
        secrets
            .set(&paths, &key(name), Secret::new(text.to_owned()))
            .unwrap();
        let again = reload(&paths);
        assert_eq!(value(&again, name).as_deref(), Some(text));
        assert_eq!(
            again.state(&key(name)),
            SecretState::Set {
                from: SecretPlace::File,
                editable: true
            }
        );
    }
}

#[test]
fn other_lines_and_comments_stay() {
    let (_dir, paths) = paths();
    let before = "# mine\nKEYWORDS=nginx # why\n\nEMAIL_PASSWORD=tocsin-test-secret-old\nEMAIL_PASS=tocsin-test-secret-older\nnot a line\nSMTP_PORT=25";
    fs::write(&paths.env_file, before).unwrap();
    let mut secrets = reload(&paths);
    secrets
        .set(
            &paths,
            &key(SecretName::EmailPassword),
            Secret::new("tocsin-test-secret-new".into()),
        )
        .unwrap();
    secrets
        .set(
            &paths,
            &key(SecretName::NvdApiKey),
            Secret::new("tocsin-test-secret-key".into()),
        )
        .unwrap();
    assert_eq!(
        fs::read_to_string(&paths.env_file).unwrap(),
        "# mine\nKEYWORDS=nginx # why\n\nEMAIL_PASS=\"tocsin-test-secret-new\"\nnot a line\nSMTP_PORT=25\nNVD_API_KEY=\"tocsin-test-secret-key\"\n"
    );
    secrets
        .remove(&paths, &key(SecretName::EmailPassword))
        .unwrap();
    assert_eq!(
        fs::read_to_string(&paths.env_file).unwrap(),
        "# mine\nKEYWORDS=nginx # why\n\nnot a line\nSMTP_PORT=25\nNVD_API_KEY=\"tocsin-test-secret-key\"\n"
    );
    assert_eq!(
        reload(&paths).state(&key(SecretName::EmailPassword)),
        SecretState::NotSet
    );
}

#[test]
fn what_the_process_sets_cannot_be_replaced() {
    let (_dir, paths) = paths();
    let env = Environment::from_pairs([("EMAIL_PASSWORD", "tocsin-test-secret")]);
    let mut secrets = load(&paths, env);
    let fault = secrets
        .set(
            &paths,
            &key(SecretName::EmailPassword),
            Secret::new("tocsin-test-secret-x".into()),
        )
        .unwrap_err();
    assert_eq!(fault.code, "set_by_environment");
    assert_eq!(fault.params["variable"], "EMAIL_PASSWORD");
    assert!(
        secrets
            .remove(&paths, &key(SecretName::EmailPassword))
            .is_err()
    );
    assert!(!paths.env_file.exists());
}

#[test]
fn a_line_break_is_refused() {
    let (_dir, paths) = paths();
    for bad in [
        "tocsin-test-secret\nB=c",
        "tocsin-test-secret\rb",
        "tocsin-test-secret\0",
        "",
        "  ",
    ] {
        let fault = Secrets::default()
            .set(
                &paths,
                &key(SecretName::NvdApiKey),
                Secret::new(bad.to_owned()),
            )
            .unwrap_err();
        assert_eq!(fault.code, "secret_invalid");
    }
    assert!(!paths.env_file.exists());
}

#[test]
fn a_file_with_an_open_quote_is_not_made_worse() {
    let (_dir, paths) = paths();
    let before = "A=1\nEMAIL_USER=\"open\nB=2\n";
    fs::write(&paths.env_file, before).unwrap();
    let fault = reload(&paths)
        .set(
            &paths,
            &key(SecretName::NvdApiKey),
            Secret::new("tocsin-test-secret-key".into()),
        )
        .unwrap_err();
    assert_eq!(fault.code, "secrets_file_broken");
    assert_eq!(fault.params["line"], "2");
    assert_eq!(fs::read_to_string(&paths.env_file).unwrap(), before);
}

#[cfg(unix)]
#[test]
fn the_file_is_for_this_user_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (_dir, paths) = paths();
    fs::write(&paths.env_file, "A=1\n").unwrap();
    fs::set_permissions(&paths.env_file, fs::Permissions::from_mode(0o644)).unwrap();
    Secrets::default()
        .set(
            &paths,
            &key(SecretName::NvdApiKey),
            Secret::new("tocsin-test-secret-key".into()),
        )
        .unwrap();
    let mode = fs::metadata(&paths.env_file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_new_secret_goes_to_the_keyring_and_reads_back_after_a_restart() {
    for text in [NASTY, "x", "$", "\"", "ü😀"] {
        let (_dir, paths) = paths();
        let vault = Vault::in_memory();
        let name = SecretName::EmailPassword;
        let mut secrets = with(&paths, &vault);
        secrets.set(&paths, &key(name), secret(text)).unwrap();
        assert_eq!(secrets.state(&key(name)), set_in(SecretPlace::Keyring));
        assert!(!paths.env_file.exists());
        let again = with(&paths, &vault);
        assert_eq!(value(&again, name).as_deref(), Some(text));
        assert_eq!(again.state(&key(name)), set_in(SecretPlace::Keyring));
        assert_eq!(again.keyring_fault(), None);
        // Another config folder has secrets of its own.
        let (_other, elsewhere) = self::paths();
        assert_eq!(value(&with(&elsewhere, &vault), name), None);
        secrets.remove(&paths, &key(name)).unwrap();
        assert_eq!(with(&paths, &vault).state(&key(name)), SecretState::NotSet);
    }
}

#[test]
fn a_secret_that_moves_to_the_keyring_leaves_none_in_the_file() {
    let (_dir, paths) = paths();
    let before = "# mine\nKEYWORDS=nginx\nEMAIL_PASSWORD=tocsin-test-secret-old\nEMAIL_PASS=tocsin-test-secret-older\n";
    fs::write(&paths.env_file, before).unwrap();
    let vault = Vault::in_memory();
    let name = SecretName::EmailPassword;
    let mut secrets = with(&paths, &vault);
    assert_eq!(secrets.state(&key(name)), set_in(SecretPlace::File));
    secrets
        .set(&paths, &key(name), secret("tocsin-test-secret-new"))
        .unwrap();
    let left = fs::read_to_string(&paths.env_file).unwrap();
    assert_eq!(left, "# mine\nKEYWORDS=nginx\n");
    assert_eq!(
        value(&with(&paths, &vault), name).as_deref(),
        Some("tocsin-test-secret-new")
    );
}

#[test]
fn a_secret_that_falls_back_to_the_file_wins_over_the_old_one_in_the_keyring() {
    let (_dir, paths) = paths();
    let (vault, lock) = Lockable::vault();
    let name = SecretName::TelegramToken;
    let mut secrets = with(&paths, &vault);
    secrets
        .set(&paths, &key(name), secret("tocsin-test-secret-old"))
        .unwrap();
    lock.store(true, Ordering::SeqCst);
    secrets
        .set(&paths, &key(name), secret("tocsin-test-secret-new"))
        .unwrap();
    assert_eq!(secrets.state(&key(name)), set_in(SecretPlace::File));
    let fault = secrets.keyring_fault().unwrap();
    assert_eq!(fault.code, "keyring_locked");
    lock.store(false, Ordering::SeqCst);
    let again = with(&paths, &vault);
    assert_eq!(
        value(&again, name).as_deref(),
        Some("tocsin-test-secret-new")
    );
    // What may come back is said and not hidden.
    lock.store(true, Ordering::SeqCst);
    let mut secrets = with(&paths, &vault);
    let fault = secrets.remove(&paths, &key(name)).unwrap_err();
    assert_eq!(fault.code, "keyring_locked");
    lock.store(false, Ordering::SeqCst);
    secrets.remove(&paths, &key(name)).unwrap();
    assert_eq!(with(&paths, &vault).state(&key(name)), SecretState::NotSet);
}

#[test]
fn every_place_wins_over_those_below_it() {
    let (dir, paths) = paths();
    let vault = Vault::in_memory();
    let name = SecretName::NvdApiKey;
    let mut secrets = with(&paths, &vault);
    secrets
        .set(&paths, &key(name), secret("tocsin-test-secret-keyring"))
        .unwrap();
    let working = dir.path().join("working.env");
    fs::write(&working, "NVD_API_KEY=tocsin-test-secret-working\n").unwrap();
    let in_working = || {
        let environment = Environment::default().with_file(&paths.env_file);
        environment
            .with_working_file(&working)
            .with_vault(vault.clone())
    };
    let found = |environment| {
        let secrets = load(&paths, environment);
        (value(&secrets, name).unwrap(), secrets.state(&key(name)))
    };
    let environment = set_in(SecretPlace::Environment);
    assert_eq!(
        found(in_working()),
        ("tocsin-test-secret-working".to_owned(), environment.clone())
    );
    fs::write(&paths.env_file, "NVD_API_KEY=tocsin-test-secret-config\n").unwrap();
    let file = set_in(SecretPlace::File);
    assert_eq!(
        found(in_working()),
        ("tocsin-test-secret-config".to_owned(), file)
    );
    let process = Environment::from_pairs([("NVD_API_KEY", "tocsin-test-secret-process")]);
    let process = process.with_file(&paths.env_file).with_vault(vault.clone());
    assert_eq!(
        found(process),
        ("tocsin-test-secret-process".to_owned(), environment)
    );
}

#[test]
fn an_added_channel_has_secrets_of_its_own() {
    let (_dir, paths) = paths();
    fs::write(
        &paths.settings_file,
        "[channels.night-shift]\nkind = \"slack\"\n[channels.soc]\nkind = \"slack\"\n",
    )
    .unwrap();
    let pairs = [
        ("SLACK_TOKEN", "tocsin-test-secret-built-in"),
        ("SLACK_TOKEN_NIGHT_SHIFT", "tocsin-test-secret-night"),
        ("EMAIL_PASS_NIGHT_SHIFT", "tocsin-test-secret-no e-mail"),
    ];
    let secrets = load(&paths, Environment::from_pairs(pairs));
    let token = |channel: Option<&str>| {
        let channel = channel.map(id);
        let found = secrets.get(SecretName::SlackToken, channel.as_ref());
        found.map(|s| s.expose().clone())
    };
    assert_eq!(token(None).as_deref(), Some("tocsin-test-secret-built-in"));
    assert_eq!(
        token(Some("slack")).as_deref(),
        Some("tocsin-test-secret-built-in")
    );
    assert_eq!(
        token(Some("night-shift")).as_deref(),
        Some("tocsin-test-secret-night")
    );
    assert_eq!(token(Some("soc")), None);
    let own = SecretKey::new(SecretName::SlackWebhook, Some(&id("night-shift")));
    assert_eq!(own.variable(), "SLACK_WEBHOOK_NIGHT_SHIFT");
}

#[test]
fn an_added_channels_secret_is_kept_under_its_own_name() {
    let (_dir, paths) = paths();
    let text = "[channels.soc]\nkind = \"telegram\"\n";
    fs::write(&paths.settings_file, text).unwrap();
    let own = SecretKey::new(SecretName::TelegramToken, Some(&id("soc")));
    let mut secrets = reload(&paths);
    secrets
        .set(&paths, &own, secret(" 1:tocsin-test-secret-abc \n"))
        .unwrap();
    secrets
        .set(
            &paths,
            &key(SecretName::TelegramToken),
            secret("2:tocsin-test-secret-def"),
        )
        .unwrap();
    let text = fs::read_to_string(&paths.env_file).unwrap();
    assert!(text.ends_with("TELEGRAM_TOKEN_SOC=\"1:tocsin-test-secret-abc\"\nTELEGRAM_TOKEN=\"2:tocsin-test-secret-def\"\n"));
    secrets.remove(&paths, &own).unwrap();
    let again = reload(&paths);
    assert_eq!(again.state(&own), SecretState::NotSet);
    let built_in = value(&again, SecretName::TelegramToken);
    assert_eq!(built_in.as_deref(), Some("2:tocsin-test-secret-def"));
}

#[test]
fn a_webhook_is_an_address_and_switches_on_only_where_it_was_written_by_hand() {
    let (_dir, paths) = paths();
    let webhook = key(SecretName::SlackWebhook);
    let is_on = || {
        let environment = Environment::default().with_file(&paths.env_file);
        let settings = Settings::load(&paths, &environment).settings;
        settings.channels[&id("slack")].enabled
    };
    let mut secrets = reload(&paths);
    let fault = secrets
        .set(&paths, &webhook, secret("tocsin-test-secret"))
        .unwrap_err();
    assert_eq!(fault.code, "webhook_invalid");
    let first = "https://hooks.slack.com/services/T/B/tocsin-test-secret-1";
    secrets.set(&paths, &webhook, secret(first)).unwrap();
    assert_eq!(
        value(&reload(&paths), SecretName::SlackWebhook).as_deref(),
        Some(first)
    );
    assert!(!is_on());
    let second = "https://hooks.slack.com/services/T/B/tocsin-test-secret-2";
    reload(&paths)
        .set(&paths, &webhook, secret(second))
        .unwrap();
    assert_eq!(
        value(&reload(&paths), SecretName::SlackWebhook).as_deref(),
        Some(second)
    );
    assert!(!is_on());
    fs::write(&paths.env_file, format!("SLACK_WEBHOOK={first}\n")).unwrap();
    assert!(is_on());
    reload(&paths)
        .set(&paths, &webhook, secret(second))
        .unwrap();
    assert!(is_on());
}

#[test]
fn nothing_public_shows_a_secret() {
    let (_dir, paths) = paths();
    fs::write(
        &paths.settings_file,
        "[channels.soc]\nkind = \"slack\"\n[channels.night]\nkind = \"telegram\"\n",
    )
    .unwrap();
    fs::write(
        &paths.env_file,
        "EMAIL_PASS=tocsin-test-secret\nNVD_API_KEY=tocsin-test-secret\nEMAIL_RECIPIENTS=a@example.org\nbroken tocsin-test-secret\nSLACK_TOKEN=tocsin-test-secret\nSLACK_TOKEN_SOC=tocsin-test-secret\nSLACK_WEBHOOK=https://hooks.slack.com/services/tocsin-test-secret\n",
    )
    .unwrap();
    let vault = Vault::in_memory();
    let environment = || {
        let environment = Environment::default().with_file(&paths.env_file);
        environment.with_vault(vault.clone())
    };
    let mut secrets = load(&paths, environment());
    let night = SecretKey::new(SecretName::TelegramToken, Some(&id("night")));
    let soc = SecretKey::new(SecretName::SlackWebhook, Some(&id("soc")));
    let mut shown = Vec::new();
    for (key, value) in [
        (&night, "tocsin-test-secret"),
        (&soc, "tocsin-test-secret"),
        (&night, "tocsin-test-secret\n2"),
    ] {
        let set = secrets.set(&paths, key, secret(value));
        shown.push(format!(
            "{set:?} {}",
            serde_json::to_string(&set.clone().err()).unwrap()
        ));
    }
    let env = environment();
    let loaded = Settings::load(&paths, &env);
    let secrets = Secrets::load(&paths, &env, &loaded.settings);
    let keys = SecretKey::all(&loaded.settings);
    let states: Vec<_> = keys.iter().map(|key| secrets.state(key)).collect();
    let of_set = states.iter().filter(|s| **s != SecretState::NotSet);
    assert_eq!((loaded.settings.channels.len(), of_set.count()), (6, 6));
    shown.extend([
        format!("{loaded:?} {states:?} {keys:?} {:?}", env.notices()),
        serde_json::to_string(&loaded.settings).unwrap(),
        serde_json::to_string(&loaded.notices).unwrap(),
        serde_json::to_string(&states).unwrap(),
        fs::read_to_string(&paths.settings_file).unwrap(),
        crate::settings::env::example(),
    ]);
    for text in shown {
        assert!(!text.contains("tocsin-test-secret"), "{text}");
    }
}

/// A keyring that can be locked.
struct Lockable {
    is_locked: Arc<AtomicBool>,
    kept: BTreeMap<String, Secret<String>>,
}

impl Lockable {
    fn vault() -> (Vault, Arc<AtomicBool>) {
        let is_locked = Arc::new(AtomicBool::new(false));
        let keeper = Self {
            is_locked: Arc::clone(&is_locked),
            kept: BTreeMap::new(),
        };
        let patience = Duration::from_secs(60);
        (Vault::with(Box::new(keeper), patience, patience), is_locked)
    }

    fn refuse(&self) -> Result<(), Fault> {
        if self.is_locked.load(Ordering::SeqCst) {
            return Err(Fault::new("keyring_locked", "It is locked."));
        }
        Ok(())
    }
}

impl Keeper for Lockable {
    fn read(&mut self, account: &str) -> Result<Option<Secret<String>>, Fault> {
        self.refuse()?;
        Ok(self.kept.get(account).cloned())
    }

    fn write(&mut self, account: &str, value: Option<&Secret<String>>) -> Result<(), Fault> {
        self.refuse()?;
        match value {
            Some(value) => drop(self.kept.insert(account.to_owned(), value.clone())),
            None => drop(self.kept.remove(account)),
        }
        Ok(())
    }
}
