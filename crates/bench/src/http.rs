//! One connection that speaks just enough HTTP/1.1: it costs the machine less than a client that speaks all of it, and what the
//! load generator saves, the server can use.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::Result;

/// An open connection, and the answer that was read last.
pub(crate) struct Connection {
    stream: TcpStream,
    answer: Vec<u8>,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    /// The lines of its head behind the first.
    pub(crate) head: &'a str,
    pub(crate) body: &'a [u8],
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, answer: Vec::with_capacity(64 * 1024) })
    }

    /// Sends a whole request and reads the whole answer.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.answer.clear();
        let mut whole = None;
        while whole.is_none_or(|(_, end)| self.answer.len() < end) {
            if self.stream.read_buf(&mut self.answer).await? == 0 {
                return Err("the server closed the connection".into());
            }
            if whole.is_none() {
                whole = extent(&self.answer)?;
            }
        }
        let (head_end, end) = whole.unwrap_or_default();
        let head = std::str::from_utf8(&self.answer[..head_end])?;
        let status = head.get(9..12).ok_or("the answer has no status")?.parse()?;
        let head = head.split_once("\r\n").map_or("", |(_, head)| head);
        Ok(Answer { status, head, body: &self.answer[head_end..end] })
    }
}

/// Where the head of an answer ends, and where its body; `None` while the head is not complete.
fn extent(answer: &[u8]) -> Result<Option<(usize, usize)>> {
    let Some(end) = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(&answer[..end])?;
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.map_or(Ok(0), str::parse)?;
    Ok(Some((end + 4, end + 4 + length)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_ends_where_its_length_says() {
        assert_eq!(extent(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").unwrap(), Some((38, 40)));
        assert_eq!(extent(b"HTTP/1.1 304 Not Modified\r\n\r\n").unwrap(), Some((29, 29)));
        assert_eq!(extent(b"HTTP/1.1 200 OK\r\ncontent-le").unwrap(), None);
    }
}
