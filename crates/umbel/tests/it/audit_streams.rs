//! `umbel audit stream`, and streams of a server that is killed.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::Value;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::process::{Server, on_each_engine};
use crate::remote::{ACME, ADA, EUROPE, company, result, run, text};

/// Takes webhooks, on a port of its own.
struct Receiver {
    address: SocketAddr,
    bodies: Arc<Mutex<Vec<Value>>>,
}

impl Receiver {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, bodies) = (listener.local_addr().unwrap(), Arc::<Mutex<Vec<Value>>>::default());
        let receiver = Self { address, bodies: bodies.clone() };
        thread::spawn(move || {
            for client in listener.incoming() {
                let bodies = bodies.clone();
                // A server that is killed breaks off.
                thread::spawn(move || _ = take(&client.unwrap(), &bodies));
            }
        });
        receiver
    }

    fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// The names that organizations got, in the order in which their entries came in.
    fn names(&self) -> Vec<String> {
        let bodies = self.bodies.lock().unwrap();
        let entries = bodies.iter().filter_map(|body| body["data"]["entries"].as_array()).flatten();
        entries.filter_map(|entry| entry["resource"]["request"]["name"].as_str()).map(str::to_owned).collect()
    }
}

fn take(mut client: &TcpStream, bodies: &Mutex<Vec<Value>>) -> std::io::Result<()> {
    let mut reader = BufReader::new(client);
    loop {
        let (mut length, mut line) = (0, String::new());
        while reader.read_line(&mut line)? > 2 {
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            line.clear();
        }
        if line.is_empty() {
            return Ok(());
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        bodies.lock().unwrap().push(serde_json::from_slice(&body).unwrap());
        client.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")?;
    }
}

/// Takes syslog over TLS as `localhost`, on a port of its own.
struct Sink {
    port: u16,
    certificate_pem: String,
    read: Arc<Mutex<String>>,
}

impl Sink {
    fn start() -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let read = Arc::<Mutex<String>>::default();
        let sink = Self { port: listener.local_addr().unwrap().port(), certificate_pem: made.cert.pem(), read: read.clone() };
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        let config = Arc::new(config.with_single_cert(vec![made.cert.der().clone()], key).unwrap());
        thread::spawn(move || {
            for client in listener.incoming() {
                let connection = ServerConnection::new(config.clone()).unwrap();
                let mut text = String::new();
                // A client that does not trust it breaks off.
                _ = StreamOwned::new(connection, client.unwrap()).read_to_string(&mut text);
                read.lock().unwrap().push_str(&text);
            }
        });
        sink
    }

    fn has(&self, text: &str) -> bool {
        (0..1200).any(|_| {
            self.read.lock().unwrap().contains(text) || {
                thread::sleep(Duration::from_millis(50));
                false
            }
        })
    }
}

fn of_acme<'a>(verb: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["audit", "stream", verb, "--organization", ACME], more].concat()
}

#[test]
fn a_killed_server_delivers_every_acknowledged_change_in_order() {
    on_each_engine(|database| {
        let receiver = Receiver::start();
        drop(company(database));
        let start = || Server::start_with(database, &["--stream-private-addresses"]);
        let mut renamed = Vec::new();
        for round in 0..5 {
            let server = start();
            if round == 0 {
                result(&server, ADA, &of_acme("create", &["siem", "--to", &receiver.url(), "--include-descendants"]));
            }
            for number in 0..6 {
                let name = format!("{round}-{number}");
                result(&server, ADA, &["org", "rename", EUROPE, &name]);
                renamed.push(name);
            }
            // Some are delivered, some are leaves, and some are neither.
            thread::sleep(Duration::from_millis(700 * round));
            server.kill();
        }
        let server = start();
        let all_came = || renamed.iter().all(|name| receiver.names().contains(name));
        let came = (0..1200).any(|_| {
            all_came() || {
                thread::sleep(Duration::from_millis(50));
                false
            }
        });
        let mut names = receiver.names();
        assert!(came, "{names:?}");
        let mut seen = std::collections::BTreeSet::new();
        names.retain(|name| renamed.contains(name) && seen.insert(name.clone()));
        assert_eq!(names, renamed, "what comes twice counts where it came first");
        assert_eq!(server.terminate(), Some(0));
    });
}

#[test]
fn a_stream_is_made_tested_paused_and_deleted() {
    on_each_engine(|database| {
        drop(company(database));
        let (receiver, server) = (Receiver::start(), Server::start_with(database, &["--stream-private-addresses"]));
        let made = result(&server, ADA, &of_acme("create", &["siem", "--to", &receiver.url()]));
        let id = text(&made["id"]);
        assert!(text(&made["signing_secret"]).starts_with("whsec_"));
        let of_stream = |verb: &'static str, more: &[&'static str]| {
            of_acme(verb, &[&[id], more].concat()).iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let tried = |verb: &'static str, more: &[&'static str]| {
            let args = of_stream(verb, more);
            run(&server, ADA, &args.iter().map(String::as_str).collect::<Vec<_>>())
        };
        let (status, out, err) = tried("test", &[]);
        assert_eq!((status, out.as_str()), (Some(0), "it was taken\n"), "{err}");
        let (_, out, _) = tried("pause", &[]);
        assert!(out.contains("enabled") && out.contains("false"), "{out}");
        let (_, out, _) = tried("get", &[]);
        assert!(out.contains("state") && out.contains("off") && out.contains("tested at"), "{out}");
        tried("update", &["--name", "other", "--to", "http://127.0.0.1:1/"]);
        let (status, _, err) = tried("test", &[]);
        assert!(status == Some(1) && err.contains("it was not taken: cannot connect"), "{err}");
        let (_, out, _) = run(&server, ADA, &of_acme("list", &[]));
        assert!(out.contains("other") && out.contains("http://127.0.0.1:1/"), "{out}");
        let (_, out, _) = tried("roll", &[]);
        assert!(out.contains("whsec_"), "{out}");
        let (status, out, err) = tried("replay", &["--since", "2026-01-01"]);
        assert!(status == Some(0) && out.contains("behind"), "{err}");
        let (status, ..) = tried("delete", &[]);
        assert_eq!(status, Some(0));
        assert_eq!(result(&server, ADA, &of_acme("list", &[])).as_array().unwrap().len(), 0);
    });
}

#[test]
fn syslog_goes_over_tls_to_who_is_trusted_by_that_name() {
    let folder = tempfile::tempdir().unwrap();
    on_each_engine(|database| {
        drop(company(database));
        let (sink, trusted) = (Sink::start(), folder.path().join("trusted.pem"));
        std::fs::write(&trusted, &sink.certificate_pem).unwrap();
        let server =
            Server::start_by(database, &["--stream-private-addresses"], |command| command.env("SSL_CERT_FILE", &trusted));
        let to = |host: &str| format!("syslogs://{host}:{}", sink.port);
        let made = result(&server, ADA, &of_acme("create", &["siem", "--to", &to("localhost")]));
        result(&server, ADA, &["org", "rename", ACME, "Acme over TLS"]);
        assert!(sink.has("Acme over TLS"), "{:?}", sink.read);
        let frames = sink.read.lock().unwrap().clone();
        assert!(frames.contains(" - umbel - organization - {"), "{frames}");
        let id = text(&made["id"]);
        let (status, out, err) = run(&server, ADA, &of_acme("test", &[id]));
        assert_eq!((status, out.as_str()), (Some(0), "it was taken\n"), "{err}");
        run(&server, ADA, &of_acme("update", &[id, "--to", &to("127.0.0.1")]));
        let (status, _, err) = run(&server, ADA, &of_acme("test", &[id]));
        assert!(status == Some(1) && err.contains("cannot encrypt: invalid peer certificate"), "{err}");
    });
}
