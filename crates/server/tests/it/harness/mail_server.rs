//! A small mail server that takes, refuses or swallows what it is sent.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use umbel_server::{Mail, PublicUrl};

/// Where people reach the server, as its settings say.
pub(crate) fn public_url() -> PublicUrl {
    PublicUrl::parse("https://umbel.example.com/base").unwrap()
}

/// A letter as it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Letter {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    /// Names and values of the headers.
    pub(crate) headers: Vec<(String, String)>,
    /// The text, decoded.
    pub(crate) text: String,
}

impl Letter {
    pub(crate) fn header(&self, name: &str) -> &str {
        let mut found = self.headers.iter().filter(|(header, _)| header.eq_ignore_ascii_case(name));
        let (Some((_, value)), None) = (found.next(), found.next()) else { panic!("not one {name}: {self:?}") };
        value
    }

    /// The link, which stands on a line of its own.
    pub(crate) fn link(&self) -> &str {
        self.text.lines().find(|line| line.starts_with("https://")).unwrap()
    }

    /// The secret of the link.
    pub(crate) fn token(&self) -> String {
        self.link().split_once('#').unwrap().1.to_owned()
    }
}

/// What the server says to the address of a recipient: its answers, one after the other, of which the last one stays.
pub(crate) type Answers = &'static [&'static str];

/// A server on a port of its own, for as long as the process.
pub(crate) struct MailServer {
    address: SocketAddr,
    letters: Arc<Mutex<Vec<Letter>>>,
    recipients: Arc<Mutex<usize>>,
}

impl MailServer {
    /// Takes everything.
    pub(crate) fn start() -> Self {
        Self::answering(&["250 ok"])
    }

    pub(crate) fn answering(answers: Answers) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, letters, recipients) = (listener.local_addr().unwrap(), Arc::default(), Arc::default());
        let server = Self { address, letters, recipients };
        let (letters, recipients) = (server.letters.clone(), server.recipients.clone());
        thread::spawn(move || {
            for client in listener.incoming() {
                let (letters, recipients) = (letters.clone(), recipients.clone());
                // A client that goes away ends its thread.
                thread::spawn(move || _ = serve(&client.unwrap(), answers, &letters, &recipients));
            }
        });
        server
    }

    /// Accepts connections and never says a word.
    pub(crate) fn silent() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            let clients: Vec<_> = listener.incoming().collect();
            drop(clients);
        });
        Self { address, letters: Arc::default(), recipients: Arc::default() }
    }

    /// The settings for this server, with pauses between tries that nobody notices.
    pub(crate) fn mail(&self) -> Mail {
        mail(self.address)
    }

    /// What has come in since this was asked last.
    pub(crate) fn take(&self) -> Vec<Letter> {
        std::mem::take(&mut self.letters.lock().unwrap())
    }

    /// How many recipients were named since this was asked last.
    pub(crate) fn take_recipients(&self) -> usize {
        std::mem::take(&mut self.recipients.lock().unwrap())
    }
}

/// The settings for a mail server at this address.
pub(crate) fn mail(address: SocketAddr) -> Mail {
    let mut mail = Mail::new(&format!("smtp://{address}"), "Umbel <umbel@example.com>", &public_url()).unwrap();
    mail.retry_pause = Duration::from_millis(1);
    mail
}

fn serve(
    mut client: &TcpStream,
    answers: Answers,
    letters: &Mutex<Vec<Letter>>,
    recipients: &Mutex<usize>,
) -> std::io::Result<()> {
    let mut lines = BufReader::new(client).lines();
    let (mut from, mut to) = (String::new(), Vec::new());
    client.write_all(b"220 mail.test\r\n")?;
    while let Some(line) = lines.next().transpose()? {
        let word = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let address = || line.split_once('<').and_then(|(_, rest)| rest.rsplit_once('>')).map(|(address, _)| address.to_owned());
        let answer = match word.as_str() {
            "EHLO" => "250-mail.test\r\n250-8BITMIME\r\n250 SMTPUTF8",
            "MAIL" => {
                from = address().unwrap();
                "250 ok"
            }
            "RCPT" => {
                let mut recipients = recipients.lock().unwrap();
                let answer = answers[(*recipients).min(answers.len() - 1)];
                *recipients += 1;
                to.push(address().unwrap());
                answer
            }
            "DATA" => {
                client.write_all(b"354 go on\r\n")?;
                let data: Vec<String> = lines.by_ref().map_while(Result::ok).take_while(|line| line != ".").collect();
                letters.lock().unwrap().push(read(std::mem::take(&mut from), std::mem::take(&mut to), &data));
                "250 ok"
            }
            "QUIT" => return client.write_all(b"221 bye\r\n"),
            _ => "250 ok",
        };
        client.write_all(format!("{answer}\r\n").as_bytes())?;
    }
    Ok(())
}

fn read(from: String, to: Vec<String>, data: &[String]) -> Letter {
    let data: Vec<&str> = data.iter().map(|line| line.strip_prefix('.').unwrap_or(line)).collect();
    let end = data.iter().position(|line| line.is_empty()).unwrap();
    let mut headers: Vec<(String, String)> = Vec::new();
    for line in &data[..end] {
        match line.split_once(": ") {
            _ if line.starts_with(' ') => headers.last_mut().unwrap().1.push_str(line),
            Some((name, value)) => headers.push((name.to_owned(), value.to_owned())),
            None => panic!("no header: {line:?}"),
        }
    }
    let mut letter = Letter { from, to, headers, text: String::new() };
    letter.text = match letter.header("content-transfer-encoding") {
        "7bit" => data[end + 1..].join("\n"),
        "quoted-printable" => from_quoted_printable(&data[end + 1..].join("\n")),
        "base64" => from_base64(&data[end + 1..].concat()),
        other => panic!("{other}"),
    };
    letter
}

fn from_base64(text: &str) -> String {
    use base64::Engine;
    let text = String::from_utf8(base64::engine::general_purpose::STANDARD.decode(text).unwrap()).unwrap();
    text.replace("\r\n", "\n")
}

fn from_quoted_printable(text: &str) -> String {
    let mut bytes = Vec::new();
    let joined = text.replace("=\n", "");
    let mut rest = joined.as_bytes();
    while let [first, behind @ ..] = rest {
        if *first == b'=' {
            bytes.push(u8::from_str_radix(std::str::from_utf8(&behind[..2]).unwrap(), 16).unwrap());
            rest = &behind[2..];
        } else {
            bytes.push(*first);
            rest = behind;
        }
    }
    String::from_utf8(bytes).unwrap()
}
