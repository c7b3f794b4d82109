//! The same site over TLS, with the certificate that the name asked for stands for: by the first label of the name, so
//! that `expired.example` and `expired.localhost` are the same. Anything else, or no name at all, gets a good one.
//!
//! | first label | what is wrong |
//! |---|---|
//! | `expired` | its time is over |
//! | `future` | its time has not come |
//! | `wrong-host` | it is another site's |
//! | `self-signed` | it signed itself |
//! | `unknown` | an authority signed it that nobody knows |

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::server::TlsStream;

use crate::Error;

/// How long a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// The certificates, and the authority that signed the good ones.
#[derive(Debug)]
pub(crate) struct Certificates {
    pub(crate) ca_pem: String,
    by_name: ByName,
}

#[derive(Debug, Clone)]
struct ByName {
    good: Arc<CertifiedKey>,
    bad: Vec<(&'static str, Arc<CertifiedKey>)>,
    /// A good one is made for whatever name is asked for.
    issuer: Arc<Issuer<'static, KeyPair>>,
}

type Made<T> = Result<T, Box<dyn std::error::Error>>;

impl Certificates {
    pub(crate) fn make() -> Result<Self, Error> {
        Self::signed().map_err(|error| Error::Certificate(error.to_string()))
    }

    fn signed() -> Made<Self> {
        let (issuer, ca_pem) = authority("Tocsin replay web authority")?;
        let (stranger, _) = authority("An authority that nobody knows")?;
        let any = || {
            vec![
                "localhost".to_owned(),
                "127.0.0.1".to_owned(),
                "::1".to_owned(),
            ]
        };
        let good = certified(leaf(any())?, &issuer)?;
        let names = |label: &str| vec![format!("{label}.example"), format!("{label}.localhost")];
        let mut expired = leaf(names("expired"))?;
        expired.not_before = date_time_ymd(2020, 1, 1);
        expired.not_after = date_time_ymd(2021, 1, 1);
        let mut future = leaf(names("future"))?;
        future.not_before = date_time_ymd(2090, 1, 1);
        future.not_after = date_time_ymd(2099, 1, 1);
        let key = KeyPair::generate()?;
        let own = leaf(names("self-signed"))?.self_signed(&key)?;
        let bad = vec![
            ("expired", certified(expired, &issuer)?),
            ("future", certified(future, &issuer)?),
            (
                "wrong-host",
                certified(leaf(vec!["other.example".to_owned()])?, &issuer)?,
            ),
            ("self-signed", with_key(own.der().clone(), &key)?),
            ("unknown", certified(leaf(names("unknown"))?, &stranger)?),
        ];
        Ok(Self {
            ca_pem,
            by_name: ByName {
                good,
                bad,
                issuer: Arc::new(issuer),
            },
        })
    }

    /// What takes connections with these certificates.
    pub(crate) fn acceptor(&self) -> Result<TlsAcceptor, Error> {
        let failed = |error: tokio_rustls::rustls::Error| Error::Certificate(error.to_string());
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(failed)?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(self.by_name.clone()));
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

impl ResolvesServerCert for ByName {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let Some(name) = hello.server_name() else {
            return Some(Arc::clone(&self.good));
        };
        let label = name.split('.').next().unwrap_or_default();
        if let Some((_, bad)) = self.bad.iter().find(|(known, _)| *known == label) {
            return Some(Arc::clone(bad));
        }
        let made = leaf(vec![name.to_owned()]).and_then(|leaf| certified(leaf, &self.issuer));
        Some(made.unwrap_or_else(|_| Arc::clone(&self.good)))
    }
}

fn authority(name: &str) -> Made<(Issuer<'static, KeyPair>, String)> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.distinguished_name.push(DnType::CommonName, name);
    let key = KeyPair::generate()?;
    let pem = params.self_signed(&key)?.pem();
    Ok((Issuer::new(params, key), pem))
}

fn leaf(names: Vec<String>) -> Made<CertificateParams> {
    let mut params = CertificateParams::new(names)?;
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    Ok(params)
}

fn certified(leaf: CertificateParams, issuer: &Issuer<'_, KeyPair>) -> Made<Arc<CertifiedKey>> {
    let key = KeyPair::generate()?;
    let certificate = leaf.signed_by(&key, issuer)?;
    with_key(certificate.der().clone(), &key)
}

fn with_key(
    certificate: tokio_rustls::rustls::pki_types::CertificateDer<'static>,
    key: &KeyPair,
) -> Made<Arc<CertifiedKey>> {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let key = aws_lc_rs::sign::any_supported_type(&key)?;
    Ok(Arc::new(CertifiedKey::new(vec![certificate], key)))
}

/// Takes connections and hands them on once they are safe. A handshake that fails or hangs holds up no other.
#[derive(Debug)]
pub(crate) struct TlsListener {
    address: SocketAddr,
    ready: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
}

impl TlsListener {
    /// Listens until it is dropped.
    pub(crate) fn new(listener: TcpListener, acceptor: TlsAcceptor) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let (sender, ready) = mpsc::channel(16);
        tokio::spawn(async move {
            loop {
                let accepted = tokio::select! {
                    accepted = listener.accept() => accepted,
                    () = sender.closed() => return,
                };
                let Ok((stream, peer)) = accepted else {
                    // As axum does it: descriptors may be free again in a moment.
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                };
                let (acceptor, sender) = (acceptor.clone(), sender.clone());
                tokio::spawn(async move {
                    // A client that does not trust the certificate ends the handshake: that is the purpose.
                    let done = tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await;
                    if let Ok(Ok(stream)) = done {
                        let _ = sender.send((stream, peer)).await;
                    }
                });
            }
        });
        Ok(Self { address, ready })
    }
}

impl axum::serve::Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(ready) => ready,
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        Ok(self.address)
    }
}
