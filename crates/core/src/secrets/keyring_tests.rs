//! Against a Secret Service of our own on a bus of our own.

use super::*;
use crate::model::ChannelId;
use crate::secrets::{SecretKey, SecretName, SecretPlace, SecretState, Secrets, Vault};
use crate::settings::{Environment, Paths, Settings};
use crate::testing::{on_bus, on_own_bus};
use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;
use std::time::Duration;
use zbus::zvariant::{ObjectPath, OwnedObjectPath, OwnedValue, Value};

const SERVICE_PATH: &str = "/org/freedesktop/secrets";
const COLLECTION: &str = "/org/freedesktop/secrets/collection/login";
const PROMPT: &str = "/org/freedesktop/secrets/prompt/1";

/// Session, parameters, value, content type.
type Sealed = (OwnedObjectPath, Vec<u8>, Vec<u8>, String);

/// What it keeps: it cannot read it, and needs not.
#[derive(Default)]
struct Kept {
    items: BTreeMap<String, (HashMap<String, String>, Sealed)>,
    made: u32,
    is_locked: bool,
}

type Shared = Arc<Mutex<Kept>>;

fn path(text: &str) -> OwnedObjectPath {
    OwnedObjectPath::try_from(text.to_owned()).unwrap()
}

struct Service(Shared);

#[zbus::interface(name = "org.freedesktop.Secret.Service")]
impl Service {
    /// Its half of the key is 1, so that every session has the same key and what was sealed in one opens in all.
    fn open_session(&self, algorithm: String, _input: OwnedValue) -> (OwnedValue, OwnedObjectPath) {
        assert_eq!(algorithm, "dh-ietf1024-sha256-aes128-cbc-pkcs7");
        let half = Value::from(vec![1_u8]).try_into_owned().unwrap();
        (half, path("/org/freedesktop/secrets/session/1"))
    }

    fn search_items(
        &self,
        attributes: HashMap<String, String>,
    ) -> (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>) {
        let kept = self.0.lock().unwrap();
        let is_it = |own: &HashMap<String, String>| {
            attributes
                .iter()
                .all(|(key, value)| own.get(key) == Some(value))
        };
        let found = kept.items.iter().filter(|(_, (own, _))| is_it(own));
        let found = found.map(|(item, _)| path(item)).collect();
        if kept.is_locked {
            (Vec::new(), found)
        } else {
            (found, Vec::new())
        }
    }

    fn read_alias(&self, _name: String) -> OwnedObjectPath {
        path(COLLECTION)
    }

    /// Nobody types the password: the prompt is dismissed.
    fn unlock(&self, objects: Vec<OwnedObjectPath>) -> (Vec<OwnedObjectPath>, OwnedObjectPath) {
        if self.0.lock().unwrap().is_locked {
            (Vec::new(), path(PROMPT))
        } else {
            (objects, path("/"))
        }
    }
}

struct Prompt;

#[zbus::interface(name = "org.freedesktop.Secret.Prompt")]
impl Prompt {
    async fn prompt(
        &self,
        _window: String,
        #[zbus(signal_emitter)] emitter: zbus::object_server::SignalEmitter<'_>,
    ) {
        Self::completed(&emitter, true, Value::from(""))
            .await
            .unwrap();
    }

    #[zbus(signal)]
    async fn completed(
        emitter: &zbus::object_server::SignalEmitter<'_>,
        dismissed: bool,
        result: Value<'_>,
    ) -> zbus::Result<()>;
}

struct Collection(Shared);

#[zbus::interface(name = "org.freedesktop.Secret.Collection")]
impl Collection {
    async fn create_item(
        &self,
        properties: HashMap<String, OwnedValue>,
        secret: Sealed,
        _replace: bool,
        #[zbus(object_server)] server: &zbus::ObjectServer,
    ) -> (OwnedObjectPath, OwnedObjectPath) {
        let attributes = properties["org.freedesktop.Secret.Item.Attributes"].try_clone();
        let attributes = HashMap::<String, String>::try_from(attributes.unwrap()).unwrap();
        let item = {
            let mut kept = self.0.lock().unwrap();
            kept.made += 1;
            let item = format!("{COLLECTION}/{}", kept.made);
            kept.items.insert(item.clone(), (attributes, secret));
            item
        };
        let own = Item(Arc::clone(&self.0), item.clone());
        server
            .at(ObjectPath::try_from(item.as_str()).unwrap(), own)
            .await
            .unwrap();
        (path(&item), path("/"))
    }

    #[zbus(property)]
    fn locked(&self) -> bool {
        self.0.lock().unwrap().is_locked
    }
}

struct Item(Shared, String);

#[zbus::interface(name = "org.freedesktop.Secret.Item")]
impl Item {
    fn get_secret(&self, _session: OwnedObjectPath) -> Sealed {
        self.0.lock().unwrap().items[&self.1].1.clone()
    }

    fn set_secret(&self, secret: Sealed) {
        let mut kept = self.0.lock().unwrap();
        kept.items.get_mut(&self.1).unwrap().1 = secret;
    }

    fn delete(&self) -> OwnedObjectPath {
        self.0.lock().unwrap().items.remove(&self.1);
        path("/")
    }

    #[zbus(property)]
    fn locked(&self) -> bool {
        self.0.lock().unwrap().is_locked
    }
}

async fn serve(kept: &Shared) -> zbus::Connection {
    zbus::connection::Builder::session()
        .unwrap()
        .serve_at(SERVICE_PATH, Service(Arc::clone(kept)))
        .unwrap()
        .serve_at(COLLECTION, Collection(Arc::clone(kept)))
        .unwrap()
        .serve_at(PROMPT, Prompt)
        .unwrap()
        .name("org.freedesktop.secrets")
        .unwrap()
        .build()
        .await
        .unwrap()
}

/// A config folder that is asked as the app asks it, with a keyring of its own behind it.
struct Asked {
    _dir: tempfile::TempDir,
    paths: Paths,
    vault: Vault,
}

impl Asked {
    fn with_patience(patience: Duration) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let paths = Paths::in_dir(dir.path());
        std::fs::write(&paths.settings_file, "[channels.soc]\nkind = \"slack\"\n").unwrap();
        Self {
            _dir: dir,
            paths,
            vault: Vault::with(Box::new(System::default()), patience, patience),
        }
    }

    fn new() -> Self {
        Self::with_patience(Duration::from_secs(60))
    }

    fn secrets(&self) -> Secrets {
        let environment = Environment::default().with_file(&self.paths.env_file);
        let environment = environment.with_vault(self.vault.clone());
        let settings = Settings::load(&self.paths, &environment).settings;
        Secrets::load(&self.paths, &environment, &settings)
    }

    fn set(&self, key: &SecretKey, value: &str) -> Result<(), Fault> {
        let value = Secret::new(value.to_owned());
        self.secrets().set(&self.paths, key, value)
    }

    fn place(&self, key: &SecretKey) -> Option<SecretPlace> {
        match self.secrets().state(key) {
            SecretState::Set { from, .. } => Some(from),
            SecretState::NotSet => None,
        }
    }
}

impl Drop for Asked {
    /// A connection of the blocking kind must not end on a thread of the runtime.
    fn drop(&mut self) {
        let vault = std::mem::take(&mut self.vault);
        let ended = std::thread::spawn(move || drop(vault));
        ended.join().unwrap();
    }
}

fn soc() -> SecretKey {
    SecretKey::new(SecretName::SlackToken, Some(&ChannelId("soc".into())))
}

fn token(secrets: &Secrets, channel: Option<&str>) -> Option<String> {
    let id = channel.map(|id| ChannelId(id.to_owned()));
    let found = secrets.get(SecretName::SlackToken, id.as_ref());
    found.map(|s| s.expose().clone())
}

async fn inner_kept() {
    let kept = Shared::default();
    let bus = serve(&kept).await;
    let asked = Asked::new();
    let built_in = SecretKey::new(SecretName::SlackToken, None);
    asked.set(&built_in, "xoxb-tocsin-test-secret-1").unwrap();
    asked.set(&soc(), "xoxb-ü😀-tocsin-test-secret-2").unwrap();
    asked.set(&soc(), "xoxb-ü😀-tocsin-test-secret-3").unwrap();
    assert!(!asked.paths.env_file.exists());
    assert_eq!(kept.lock().unwrap().items.len(), 2);
    assert_eq!(asked.place(&soc()), Some(SecretPlace::Keyring));
    let secrets = asked.secrets();
    assert_eq!(secrets.keyring_fault(), None);
    assert_eq!(
        token(&secrets, None).as_deref(),
        Some("xoxb-tocsin-test-secret-1")
    );
    assert_eq!(
        token(&secrets, Some("soc")).as_deref(),
        Some("xoxb-ü😀-tocsin-test-secret-3")
    );
    // It goes over the bus sealed.
    for (_, sealed) in kept.lock().unwrap().items.values() {
        let text = String::from_utf8_lossy(&sealed.2);
        assert!(!text.contains("xoxb") && sealed.1.len() == 16);
    }
    // The service begins anew, as after an update: it is opened again.
    drop(bus);
    let closed = asked.secrets();
    assert!(closed.keyring_fault().is_some() && token(&closed, None).is_none());
    kept.lock().unwrap().items.clear();
    let _bus = serve(&kept).await;
    asked.set(&soc(), "xoxb-tocsin-test-secret-4").unwrap();
    assert_eq!(
        token(&asked.secrets(), Some("soc")).as_deref(),
        Some("xoxb-tocsin-test-secret-4")
    );
    asked.secrets().remove(&asked.paths, &soc()).unwrap();
    assert_eq!(asked.place(&soc()), None);
    assert!(kept.lock().unwrap().items.is_empty());
}

async fn inner_locked() {
    let kept = Shared::default();
    let _bus = serve(&kept).await;
    let asked = Asked::new();
    asked.set(&soc(), "xoxb-tocsin-test-secret-1").unwrap();
    kept.lock().unwrap().is_locked = true;
    assert_eq!(asked.place(&soc()), None);
    let fault = asked.secrets().keyring_fault().unwrap();
    assert_eq!(fault.code, "keyring_locked");
    asked.set(&soc(), "xoxb-tocsin-test-secret-2").unwrap();
    assert_eq!(asked.place(&soc()), Some(SecretPlace::File));
    // Unlocked again, the old one in it does not come back.
    kept.lock().unwrap().is_locked = false;
    assert_eq!(
        token(&asked.secrets(), Some("soc")).as_deref(),
        Some("xoxb-tocsin-test-secret-2")
    );
    asked.set(&soc(), "xoxb-tocsin-test-secret-3").unwrap();
    assert_eq!(asked.place(&soc()), Some(SecretPlace::Keyring));
    let file = std::fs::read_to_string(&asked.paths.env_file).unwrap();
    assert!(!file.contains("xoxb"));
}

async fn inner_none() {
    let asked = Asked::new();
    assert_eq!(asked.place(&soc()), None);
    let fault = asked.secrets().keyring_fault().unwrap();
    assert_eq!(fault.code, "keyring_none");
    asked.set(&soc(), "xoxb-tocsin-test-secret-1").unwrap();
    assert_eq!(asked.place(&soc()), Some(SecretPlace::File));
    let fault = asked.secrets().keyring_fault().unwrap();
    assert_eq!(fault.code, "keyring_none");
    // One that comes later is found.
    let kept = Shared::default();
    let _bus = serve(&kept).await;
    asked.set(&soc(), "xoxb-tocsin-test-secret-2").unwrap();
    assert_eq!(asked.place(&soc()), Some(SecretPlace::Keyring));
    assert_eq!(asked.secrets().keyring_fault(), None);
}

async fn inner_silent() {
    // It has the name and never answers.
    let _bus = zbus::connection::Builder::session()
        .unwrap()
        .name("org.freedesktop.secrets")
        .unwrap()
        .build()
        .await
        .unwrap();
    let asked = Asked::with_patience(Duration::from_millis(50));
    let secrets = asked.secrets();
    assert_eq!(secrets.keyring_fault().unwrap().code, "keyring_silent");
    asked.set(&soc(), "xoxb-tocsin-test-secret-1").unwrap();
    assert_eq!(asked.place(&soc()), Some(SecretPlace::File));
}

#[test]
fn secrets_are_kept_in_the_secret_service_and_sealed_on_the_way() {
    on_own_bus(
        module_path!(),
        "secrets_are_kept_in_the_secret_service_and_sealed_on_the_way",
        inner_kept,
    );
}

#[test]
fn a_locked_keyring_is_said_and_its_old_secret_never_comes_back() {
    on_own_bus(
        module_path!(),
        "a_locked_keyring_is_said_and_its_old_secret_never_comes_back",
        inner_locked,
    );
}

#[test]
fn a_bus_without_a_keyring_falls_back_to_the_file() {
    on_own_bus(
        module_path!(),
        "a_bus_without_a_keyring_falls_back_to_the_file",
        inner_none,
    );
}

#[test]
fn a_keyring_that_never_answers_holds_nobody_up() {
    on_own_bus(
        module_path!(),
        "a_keyring_that_never_answers_holds_nobody_up",
        inner_silent,
    );
}

#[test]
fn a_machine_without_a_session_says_so_at_once() {
    let test = "a_machine_without_a_session_says_so_at_once";
    on_bus(
        "unix:path=/nonexistent/bus",
        module_path!(),
        test,
        || async {
            let asked = Asked::new();
            assert_eq!(asked.place(&soc()), None);
            let fault = asked.secrets().keyring_fault().unwrap();
            assert_eq!(fault.code, "keyring_none");
        },
    );
}
