//! Reading a long answer as it comes.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::Result;

/// What reading an answer took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Read {
    /// Until the first byte of the body.
    pub(crate) first: Duration,
    /// Until the last one.
    pub(crate) whole: Duration,
    /// Bytes of the body, as they were sent.
    pub(crate) bytes: f64,
}

impl Read {
    pub(crate) fn megabytes_per_second(self) -> f64 {
        self.bytes / 1e6 / self.whole.as_secs_f64()
    }
}

/// Sends a request that closes its connection, and reads the answer to its end; what comes goes to `take`.
pub(crate) fn read(address: SocketAddr, request: &[u8], mut take: impl FnMut(&[u8])) -> Result<Read> {
    let mut stream = TcpStream::connect(address)?;
    let asked = Instant::now();
    stream.write_all(request)?;
    let (mut buffer, mut head, mut first, mut bytes) = (vec![0; 64 * 1024], Vec::new(), None, 0_usize);
    loop {
        let count = stream.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        let mut body = &buffer[..count];
        if first.is_none() {
            head.extend_from_slice(body);
            let Some(end) = head.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { continue };
            if head.get(9..12) != Some(b"200") {
                return Err(format!("the server answered {}", String::from_utf8_lossy(&head)).into());
            }
            body = &head[end + 4..];
            if body.is_empty() {
                head.truncate(end + 4);
                continue;
            }
            first = Some(asked.elapsed());
        }
        bytes += body.len();
        take(body);
    }
    let bytes = f64::from(u32::try_from(bytes)?);
    Ok(Read { first: first.ok_or("the server answered nothing")?, whole: asked.elapsed(), bytes })
}

/// The body of an answer that was sent in chunks.
pub(crate) fn without_chunks(mut sent: &[u8]) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = sent.windows(2).position(|bytes| bytes == b"\r\n").ok_or("a chunk has no size")?;
        let size = usize::from_str_radix(std::str::from_utf8(&sent[..end])?, 16)?;
        let chunk = sent.get(end + 2..end + 2 + size).ok_or("a chunk is cut off")?;
        if size == 0 {
            return Ok(body);
        }
        body.extend_from_slice(chunk);
        sent = &sent[end + 2 + size + 2..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_put_together() {
        assert_eq!(without_chunks(b"3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n").unwrap(), b"abcd");
        assert!(without_chunks(b"3\r\nab").is_err());
    }
}
