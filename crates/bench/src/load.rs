//! Clients that each ask again as soon as they are answered.

use std::net::SocketAddr;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use crate::Result;
use crate::http::Connection;
use crate::random::Random;
use crate::report::quantile;

const THREADS: usize = 2;
/// The status of a server that has too much to do; who is told so has been served as promised, but not counted.
const BUSY: u16 = 503;

/// Writes a whole request behind what the buffer holds.
pub(crate) type Compose = Arc<dyn Fn(&mut Random, &mut Vec<u8>) + Send + Sync>;

/// What the clients do.
#[derive(Clone)]
pub(crate) struct Load {
    pub(crate) address: SocketAddr,
    pub(crate) clients: usize,
    pub(crate) duration: Duration,
    pub(crate) seed: u64,
    /// The status that every answer has to have.
    pub(crate) status: u16,
    pub(crate) compose: Compose,
}

/// What the clients saw.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// How long each request took that was answered.
    pub(crate) micros: Vec<f64>,
    /// Requests that were told that the server is busy.
    pub(crate) refused: u32,
}

impl Seen {
    fn add(&mut self, other: Self) {
        self.micros.extend(other.micros);
        self.refused += other.refused;
    }
}

/// What came of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answered {
    pub(crate) requests: f64,
    pub(crate) per_second: f64,
    /// Half of the requests took no longer, in microseconds.
    pub(crate) p50_micros: f64,
    /// All but one in a hundred took no longer, in microseconds.
    pub(crate) p99_micros: f64,
    /// The share of requests that were told that the server is busy, in percent.
    pub(crate) refused_percent: f64,
}

impl Answered {
    /// Sums up what was seen in a time.
    pub(crate) fn new(seen: Seen, duration: Duration) -> Result<Self> {
        let Seen { mut micros, refused } = seen;
        micros.sort_unstable_by(f64::total_cmp);
        let requests = f64::from(u32::try_from(micros.len())?);
        let (p50_micros, p99_micros) = (quantile(&micros, 0.5)?, quantile(&micros, 0.99)?);
        let refused_percent = 100.0 * f64::from(refused) / (requests + f64::from(refused));
        Ok(Self { requests, per_second: requests / duration.as_secs_f64(), p50_micros, p99_micros, refused_percent })
    }
}

impl Load {
    /// Runs the clients and sums up what they saw.
    pub(crate) fn measure(&self) -> Result<Answered> {
        Answered::new(self.run()?, self.duration)
    }

    /// Runs the clients for the duration, all connected before the first request.
    pub(crate) fn run(&self) -> Result<Seen> {
        let threads = THREADS.min(self.clients);
        let start = Barrier::new(threads);
        let mut seen = Seen::default();
        thread::scope(|scope| {
            let running = (0..threads).map(|thread| {
                let numbers: Vec<usize> = (thread..self.clients).step_by(threads).collect();
                let start = &start;
                scope.spawn(move || self.run_thread(&numbers, start))
            });
            for thread in running.collect::<Vec<_>>() {
                seen.add(thread.join().map_err(|_| "a thread of the load panicked")??);
            }
            Ok(seen)
        })
    }

    fn run_thread(&self, numbers: &[usize], start: &Barrier) -> Result<Seen> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let mut connections = Vec::new();
            for _ in numbers {
                connections.push(Connection::open(self.address).await);
            }
            start.wait();
            let deadline = Instant::now() + self.duration;
            let clients = numbers.iter().zip(connections).map(|(number, connection)| {
                let random = Random::new(self.seed.wrapping_mul(1 << 20) + *number as u64);
                tokio::spawn(self.clone().run_client(connection, random, deadline))
            });
            let mut seen = Seen::default();
            for client in clients.collect::<Vec<_>>() {
                seen.add(client.await??);
            }
            Ok(seen)
        })
    }

    async fn run_client(self, connection: Result<Connection>, mut random: Random, deadline: Instant) -> Result<Seen> {
        let mut connection = connection?;
        let (mut seen, mut request) = (Seen::default(), Vec::new());
        loop {
            request.clear();
            (self.compose)(&mut random, &mut request);
            let asked = Instant::now();
            let answer = connection.exchange(&request).await?;
            let answered = Instant::now();
            // What takes longer than the whole time is seen once.
            if answered > deadline && (seen.refused > 0 || !seen.micros.is_empty()) {
                return Ok(seen);
            }
            match answer.status {
                status if status == self.status => seen.micros.push((answered - asked).as_secs_f64() * 1e6),
                BUSY => seen.refused += 1,
                status => {
                    let body = String::from_utf8_lossy(answer.body);
                    return Err(format!("the server answered {status} instead of {}: {body}", self.status).into());
                }
            }
        }
    }
}
