//! How often somebody may guess.

use std::net::IpAddr;

use ahash::RandomState;
use parking_lot::Mutex;
use umbel_domain::{Email, Timestamp};

/// A host of IPv6 has as many addresses as it likes within its network.
fn network(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(ip) => IpAddr::V6((u128::from(ip) >> 64 << 64).into()),
    }
}

/// How long failures count.
const WINDOW_SECONDS: i64 = 5 * 60;
/// Failures of one address of a user from one address of the network.
const OF_BOTH_MAX: u16 = 10;
/// Failures of one address of a user from anywhere, and from one address of the network for anybody.
const OF_ONE_MAX: u16 = 100;
/// Counters, which keys share by their hash: a guesser can neither fill them up nor know with whom they share one.
const COUNTERS: usize = 1 << 14;

/// Counts the failures of signing in, in memory of a fixed size.
pub(crate) struct Throttle {
    hasher: RandomState,
    counted: Mutex<(i64, Vec<u16>)>,
}

impl Default for Throttle {
    fn default() -> Self {
        Self { hasher: RandomState::new(), counted: Mutex::new((0, vec![0; COUNTERS])) }
    }
}

impl Throttle {
    /// Seconds to wait before the next guess about an address, if too many were wrong.
    pub(crate) fn wait(&self, email: Option<&Email>, ip: IpAddr, now: Timestamp) -> Option<i64> {
        let seconds = now.micros().div_euclid(1_000_000);
        let (window, counters) = &mut *self.counted.lock();
        let present = seconds.div_euclid(WINDOW_SECONDS);
        if *window != present {
            (*window, *counters) = (present, vec![0; COUNTERS]);
        }
        let full = self.keys(email, ip).iter().any(|(at, max)| counters[*at] >= *max);
        full.then(|| WINDOW_SECONDS - seconds.rem_euclid(WINDOW_SECONDS))
    }

    /// Counts a wrong guess.
    pub(crate) fn failed(&self, email: Option<&Email>, ip: IpAddr) {
        let (_, counters) = &mut *self.counted.lock();
        for (at, _) in self.keys(email, ip) {
            counters[at] = counters[at].saturating_add(1);
        }
    }

    /// The counters of a guess, and how far each may go; an address that is none has no counter of its own.
    fn keys(&self, email: Option<&Email>, ip: IpAddr) -> Vec<(usize, u16)> {
        let at = |email: Option<&Email>, ip: Option<IpAddr>| {
            let hash = self.hasher.hash_one((email.map(Email::canonical), ip.map(network)));
            usize::try_from(hash % COUNTERS as u64).unwrap_or_default()
        };
        let mut keys = vec![(at(None, Some(ip)), OF_ONE_MAX)];
        if email.is_some() {
            keys.extend([(at(email, Some(ip)), OF_BOTH_MAX), (at(email, None), OF_ONE_MAX)]);
        }
        keys
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_guesses_too_often_waits_and_nobody_else_does() {
        let throttle = Throttle::default();
        let [ann, bob] = ["ann@x.example", "bob@x.example"].map(|email| Email::parse(email).unwrap());
        let [here, there] = ["203.0.113.7", "203.0.113.8"].map(|ip| ip.parse().unwrap());
        let now = Timestamp::from_micros(10_000_000);
        for _ in 0..OF_BOTH_MAX {
            assert_eq!(throttle.wait(Some(&ann), here, now), None);
            throttle.failed(Some(&ann), here);
        }
        assert_eq!(throttle.wait(Some(&ann), here, now), Some(290));
        assert_eq!(throttle.wait(Some(&bob), here, now), None);
        assert_eq!(throttle.wait(None, here, now), None);
        let [one, other] = ["2001:db8::1", "2001:db8::ffff:2"].map(|ip| ip.parse().unwrap());
        (0..OF_BOTH_MAX).for_each(|_| throttle.failed(Some(&ann), one));
        assert!(throttle.wait(Some(&ann), other, now).is_some());
        assert_eq!(throttle.wait(Some(&ann), there, now), None);
        assert_eq!(throttle.wait(Some(&ann), here, Timestamp::from_micros(300_000_000)), None);
    }

    #[test]
    fn an_address_of_the_network_guesses_no_more_for_many_than_for_one() {
        let throttle = Throttle::default();
        let (ip, now) = ("203.0.113.7".parse().unwrap(), Timestamp::from_micros(0));
        for n in 0..OF_ONE_MAX {
            throttle.failed(Email::parse(&format!("u{n}@x.example")).ok().as_ref(), ip);
        }
        assert!(throttle.wait(Email::parse("new@x.example").ok().as_ref(), ip, now).is_some());
    }
}
