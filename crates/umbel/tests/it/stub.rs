//! A server that says what a test tells it to, and remembers what it was asked.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What the server says to a request.
pub(crate) enum Answer {
    /// A status, headers and a body.
    Said(u16, &'static str, String),
    /// Nothing: it closes the connection.
    Nothing,
}

/// A good answer with a result and, for a list, where it goes on.
pub(crate) fn good(result: &serde_json::Value, info: &serde_json::Value) -> Answer {
    let envelope = serde_json::json!({"success": true, "errors": [], "messages": [], "result": result, "result_info": info});
    Answer::Said(200, "", envelope.to_string())
}

/// A refusal with problems, each a code, a message and a pointer.
pub(crate) fn refusal(status: u16, headers: &'static str, problems: &[(u16, &str, Option<&str>)]) -> Answer {
    let problem = |(code, message, pointer): &(u16, &str, Option<&str>)| match pointer {
        Some(pointer) => serde_json::json!({"code": code, "message": message, "source": {"pointer": pointer}}),
        None => serde_json::json!({"code": code, "message": message}),
    };
    let errors: Vec<_> = problems.iter().map(problem).collect();
    let envelope = serde_json::json!({"success": false, "errors": errors, "messages": [], "result": null});
    Answer::Said(status, headers, envelope.to_string())
}

/// What the server was asked.
#[derive(Debug, Clone, Default)]
pub(crate) struct Request {
    /// Method, path and query.
    pub(crate) line: String,
    pub(crate) idempotency_key: Option<String>,
    pub(crate) body: String,
}

pub(crate) struct Stub {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<Request>>>,
}

impl Stub {
    /// Starts a server that gives these answers in turn, and closes the connection when there are no more.
    pub(crate) fn start(answers: impl IntoIterator<Item = Answer>) -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", socket.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, mut answers) = (asked.clone(), answers.into_iter().collect::<VecDeque<_>>());
        std::thread::spawn(move || {
            for stream in socket.incoming() {
                let mut stream = stream.unwrap();
                let Some(request) = read(&stream) else { continue };
                log.lock().unwrap().push(request);
                if let Some(Answer::Said(status, headers, body)) = answers.pop_front() {
                    let length = body.len();
                    let head =
                        format!("HTTP/1.1 {status} Said\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n");
                    // The client may have gone.
                    _ = stream.write_all((head + &body).as_bytes());
                }
            }
        });
        Self { url, asked }
    }

    /// What it was asked so far.
    pub(crate) fn asked(&self) -> Vec<Request> {
        self.asked.lock().unwrap().clone()
    }

    /// Method, path, query and body of what it was asked so far.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.asked().into_iter().map(|request| format!("{} {}", request.line, request.body).trim().to_owned()).collect()
    }
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let first = line.trim().strip_suffix(" HTTP/1.1")?.to_owned();
    let mut request = Request { line: first, ..Request::default() };
    let mut length = 0;
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim().split_once(": ") else { break };
        match name {
            "content-length" => length = value.parse().ok()?,
            "idempotency-key" => request.idempotency_key = Some(value.to_owned()),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    request.body = String::from_utf8(body).ok()?;
    Some(request)
}
