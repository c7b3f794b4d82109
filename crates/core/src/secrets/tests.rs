use super::*;
use std::fs;

const NASTY: &str = " p$a#s \"s' \\w\\ö😀 ${HOME}\\";

fn paths() -> (tempfile::TempDir, Paths) {
    let dir = tempfile::tempdir().unwrap();
    let paths = Paths::in_dir(dir.path());
    (dir, paths)
}

fn reload(paths: &Paths) -> Secrets {
    Secrets::load(&Environment::default().with_file(&paths.env_file))
}

fn value(secrets: &Secrets, name: SecretName) -> Option<String> {
    secrets.get(name).map(|s| s.expose().clone())
}

#[test]
fn a_secret_reads_back_exactly_after_a_restart() {
    for text in [NASTY, "abcd efgh ijkl mnop", "x", "=", "'", "\"", "\\", "$"] {
        let (_dir, paths) = paths();
        let mut secrets = Secrets::default();
        let name = SecretName::EmailPassword;
        secrets
            .set(&paths, name, Secret::new(text.to_owned()))
            .unwrap();
        let again = reload(&paths);
        assert_eq!(value(&again, name).as_deref(), Some(text));
        assert_eq!(
            again.state(name),
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
    let before = "# mine\nKEYWORDS=nginx # why\n\nEMAIL_PASSWORD=old\nEMAIL_PASS=older\nnot a line\nSMTP_PORT=25";
    fs::write(&paths.env_file, before).unwrap();
    let mut secrets = reload(&paths);
    secrets
        .set(&paths, SecretName::EmailPassword, Secret::new("new".into()))
        .unwrap();
    secrets
        .set(&paths, SecretName::NvdApiKey, Secret::new("key".into()))
        .unwrap();
    assert_eq!(
        fs::read_to_string(&paths.env_file).unwrap(),
        "# mine\nKEYWORDS=nginx # why\n\nEMAIL_PASS=\"new\"\nnot a line\nSMTP_PORT=25\nNVD_API_KEY=\"key\"\n"
    );
    secrets.remove(&paths, SecretName::EmailPassword).unwrap();
    assert_eq!(
        fs::read_to_string(&paths.env_file).unwrap(),
        "# mine\nKEYWORDS=nginx # why\n\nnot a line\nSMTP_PORT=25\nNVD_API_KEY=\"key\"\n"
    );
    assert_eq!(
        reload(&paths).state(SecretName::EmailPassword),
        SecretState::NotSet
    );
}

#[test]
fn what_the_process_sets_cannot_be_replaced() {
    let (_dir, paths) = paths();
    let env = Environment::from_pairs([("EMAIL_PASSWORD", "p")]);
    let mut secrets = Secrets::load(&env);
    let fault = secrets
        .set(&paths, SecretName::EmailPassword, Secret::new("x".into()))
        .unwrap_err();
    assert_eq!(fault.code, "set_by_environment");
    assert_eq!(fault.params["variable"], "EMAIL_PASSWORD");
    assert!(secrets.remove(&paths, SecretName::EmailPassword).is_err());
    assert!(!paths.env_file.exists());
}

#[test]
fn a_line_break_is_refused() {
    let (_dir, paths) = paths();
    for bad in ["a\nB=c", "a\r", "a\0", "", "  "] {
        let fault = Secrets::default()
            .set(&paths, SecretName::NvdApiKey, Secret::new(bad.to_owned()))
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
        .set(&paths, SecretName::NvdApiKey, Secret::new("key".into()))
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
        .set(&paths, SecretName::NvdApiKey, Secret::new("key".into()))
        .unwrap();
    let mode = fs::metadata(&paths.env_file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn nothing_public_shows_a_secret() {
    let (_dir, paths) = paths();
    fs::write(
        &paths.env_file,
        "EMAIL_PASS=hunter2\nNVD_API_KEY=hunter2\nEMAIL_RECIPIENTS=a@example.org\nbroken hunter2\n",
    )
    .unwrap();
    let env = Environment::default().with_file(&paths.env_file);
    let loaded = crate::settings::Settings::load(&paths, &env);
    let secrets = Secrets::load(&env);
    let states: Vec<_> = SecretName::ALL.map(|n| secrets.state(n)).into();
    let shown = [
        format!("{loaded:?} {states:?} {:?}", env.notices()),
        serde_json::to_string(&loaded.settings).unwrap(),
        serde_json::to_string(&loaded.notices).unwrap(),
        serde_json::to_string(&states).unwrap(),
        crate::settings::env::example(),
    ];
    assert!(loaded.settings.channels.len() == 2 && states.len() == 2);
    for text in shown {
        assert!(!text.contains("hunter2"), "{text}");
    }
}
