use super::*;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(20);

/// Answers each call when it is told to, with what it is told.
struct Told {
    answers: Receiver<Result<Option<&'static str>, &'static str>>,
    calls: Arc<AtomicU32>,
}

type Answer = Sender<Result<Option<&'static str>, &'static str>>;

fn told(read_within: Duration, write_within: Duration) -> (Vault, Answer, Arc<AtomicU32>) {
    let (answer, answers) = channel();
    let calls = Arc::new(AtomicU32::new(0));
    let keeper = Told {
        answers,
        calls: Arc::clone(&calls),
    };
    let vault = Vault::with(Box::new(keeper), read_within, write_within);
    (vault, answer, calls)
}

impl Told {
    fn next(&mut self) -> Result<Option<Secret<String>>, Fault> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        match self.answers.recv().unwrap() {
            Ok(value) => Ok(value.map(|v| Secret::new(v.to_owned()))),
            Err(code) => Err(Fault::new(code, "It went wrong.")),
        }
    }
}

impl Keeper for Told {
    fn read(&mut self, _account: &str) -> Result<Option<Secret<String>>, Fault> {
        self.next()
    }

    fn write(&mut self, _account: &str, _value: Option<&Secret<String>>) -> Result<(), Fault> {
        self.next().map(drop)
    }
}

fn read(vault: &Vault, count: usize) -> Vec<Option<String>> {
    let accounts = (0..count).map(|n| n.to_string()).collect();
    let found = vault.read(accounts).into_iter();
    found.map(|v| v.map(|v| v.expose().clone())).collect()
}

fn code(vault: &Vault) -> Option<String> {
    vault.fault().map(|f| f.code)
}

#[test]
fn without_a_keyring_nothing_is_read_and_writing_says_so() {
    let vault = Vault::off();
    assert_eq!(read(&vault, 2), [None, None]);
    let fault = vault.write("a".into(), None).unwrap_err();
    assert_eq!(fault.code, "keyring_off");
    assert_eq!(code(&vault).as_deref(), Some("keyring_off"));
}

#[test]
fn one_that_hangs_is_left_alone_until_it_answers() {
    let (vault, answer, calls) = told(SHORT, SHORT);
    assert_eq!(read(&vault, 2), [None, None]);
    assert_eq!(code(&vault).as_deref(), Some("keyring_silent"));
    // It is not asked a second time while it hangs: no second thread, no second wait.
    assert_eq!(read(&vault, 1), [None]);
    let fault = vault.write("a".into(), None).unwrap_err();
    assert_eq!(fault.code, "keyring_silent");
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    assert!(!vault.has_news());
    answer.send(Ok(Some("tocsin-test-secret"))).unwrap();
    answer.send(Ok(None)).unwrap();
    while !vault.has_news() {
        std::thread::yield_now();
    }
    // That is the sign to ask again.
    answer.send(Ok(Some("tocsin-test-secret"))).unwrap();
    let patient = || loop {
        if let [Some(found)] = &read(&vault, 1)[..] {
            return found.clone();
        }
        answer.send(Ok(Some("tocsin-test-secret"))).unwrap();
    };
    assert_eq!(patient(), "tocsin-test-secret");
    assert_eq!(code(&vault), None);
}

#[test]
fn who_does_not_unlock_it_is_not_asked_again_until_a_secret_is_set() {
    let (vault, answer, calls) = told(LONG, LONG);
    answer.send(Err("keyring_locked")).unwrap();
    // What is locked is locked for all.
    assert_eq!(read(&vault, 3), [None, None, None]);
    assert_eq!(read(&vault, 1), [None]);
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    assert_eq!(code(&vault).as_deref(), Some("keyring_locked"));
    answer.send(Ok(None)).unwrap();
    vault.write("a".into(), None).unwrap();
    answer.send(Ok(Some("tocsin-test-secret"))).unwrap();
    assert_eq!(read(&vault, 1), [Some("tocsin-test-secret".to_owned())]);
    assert_eq!(code(&vault), None);
}

#[test]
fn one_damaged_entry_costs_itself_alone() {
    let (vault, answer, _) = told(LONG, LONG);
    answer.send(Ok(Some("tocsin-test-secret-a"))).unwrap();
    answer.send(Err("keyring_failed")).unwrap();
    answer.send(Ok(Some("tocsin-test-secret-c"))).unwrap();
    let found = read(&vault, 3);
    assert_eq!(
        found,
        [
            Some("tocsin-test-secret-a".to_owned()),
            None,
            Some("tocsin-test-secret-c".to_owned())
        ]
    );
    assert_eq!(code(&vault).as_deref(), Some("keyring_failed"));
}

#[test]
fn one_that_breaks_down_is_a_fault_and_no_panic() {
    let (vault, answer, _) = told(LONG, LONG);
    // Its thread panics: nobody will ever tell it what to answer.
    drop(answer);
    assert_eq!(read(&vault, 1), [None]);
    assert_eq!(code(&vault).as_deref(), Some("keyring_failed"));
    assert_eq!(
        vault.write("a".into(), None).unwrap_err().code,
        "keyring_failed"
    );
}
