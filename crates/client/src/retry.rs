//! Whether and when a request is sent again.

use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::HeaderMap;

/// How often a request is sent at most.
pub(crate) const TRIES_MAX: u32 = 3;
/// How long the client waits before the second try, at most; twice as long before the third.
const PAUSE: Duration = Duration::from_millis(500);
/// A server that asks for more patience is not waited for.
const PAUSE_MAX: Duration = Duration::from_mins(1);

/// The pause before the next try after an answer; `None` when that answer stands.
pub(crate) fn after_answer(tries: u32, status: StatusCode, headers: &HeaderMap, share: f64) -> Option<Duration> {
    let told = headers.get("x-should-retry").map(reqwest::header::HeaderValue::as_bytes);
    let again = match told {
        Some(b"true") => true,
        Some(b"false") => false,
        _ => matches!(status.as_u16(), 408 | 409 | 429 | 500..),
    };
    let pause = asked_for(headers).unwrap_or_else(|| back_off(tries, share));
    (again && tries < TRIES_MAX && pause <= PAUSE_MAX).then_some(pause)
}

/// The pause before the next try when there was no answer; `None` when another try would be no different.
pub(crate) fn after_failure(tries: u32, error: &reqwest::Error, share: f64) -> Option<Duration> {
    (tries < TRIES_MAX && !error.is_builder()).then(|| back_off(tries, share))
}

/// How long the server asks to wait; until a date by its own clock, which the answer tells.
fn asked_for(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok().map(str::trim);
    let number = |name| text(name)?.parse::<f64>().ok();
    let date = |name| httpdate::parse_http_date(text(name)?).ok();
    let seconds = number("retry-after-ms").map(|ms| ms / 1000.0).or_else(|| number("retry-after"));
    match seconds {
        Some(seconds) => Duration::try_from_secs_f64(seconds).ok(),
        None => date("retry-after")?.duration_since(date("date")?).ok(),
    }
}

/// Half of the pause is left to chance, so that those who failed together do not come back together.
fn back_off(tries: u32, share: f64) -> Duration {
    let whole = PAUSE * (1 << (tries - 1));
    whole.mul_f64(share.midpoint(1.0))
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn pause(tries: u32, status: u16, headers: &[(&'static str, &'static str)]) -> Option<u128> {
        let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect();
        after_answer(tries, StatusCode::from_u16(status).unwrap(), &headers, 0.5).map(|pause| pause.as_millis())
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        for status in [408, 409, 429, 500, 502, 503, 504] {
            assert_eq!(pause(1, status, &[]), Some(375), "{status}");
        }
        for status in [200, 301, 400, 401, 403, 404, 412, 413, 422] {
            assert_eq!(pause(1, status, &[]), None, "{status}");
        }
    }

    #[test]
    fn the_server_decides_where_it_says_so() {
        assert_eq!(pause(1, 409, &[("x-should-retry", "false")]), None);
        assert_eq!(pause(1, 400, &[("x-should-retry", "true")]), Some(375));
        assert_eq!(pause(1, 503, &[("retry-after", "1")]), Some(1000));
        assert_eq!(pause(1, 503, &[("retry-after", "1"), ("retry-after-ms", "20")]), Some(20));
        let date = ("date", "Wed, 21 Oct 2015 07:27:40 GMT");
        assert_eq!(pause(1, 503, &[date, ("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT")]), Some(20_000));
        assert_eq!(pause(1, 503, &[date, ("retry-after", "Wed, 21 Oct 2015 07:27:00 GMT")]), Some(375));
        for not_understood in ["Wed, 21 Oct 2015 07:28:00 GMT", "-1", "NaN", "1e400"] {
            assert_eq!(pause(1, 503, &[("retry-after", not_understood)]), Some(375), "{not_understood}");
        }
    }

    #[test]
    fn tries_and_pauses_have_an_end() {
        assert_eq!(pause(2, 503, &[]), Some(750));
        assert_eq!(pause(3, 503, &[]), None);
        assert_eq!(pause(1, 503, &[("retry-after", "60")]), Some(60_000));
        assert_eq!(pause(1, 503, &[("retry-after", "61")]), None);
    }

    #[test]
    fn pauses_differ_by_chance() {
        assert_eq!((back_off(1, 0.0), back_off(1, 0.999)), (Duration::from_millis(250), Duration::from_micros(499_750)));
    }
}
