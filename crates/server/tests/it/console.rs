//! The console, and the reference of the API, as parts of the program.

use axum::http::Method;
use umbel_server::has_console;

use crate::harness::call::Answer;
use crate::harness::world::World;

/// What a page may load, with the words that would allow more.
fn policy(answer: &Answer) -> &str {
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"), "{policy}");
    assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
    policy
}

#[test]
fn people_are_led_to_the_console_and_programs_are_told_that_there_is_no_such_route() {
    World::bare().on_each_engine(async |app| {
        let led = app.get("/").header("accept", "text/html,application/xhtml+xml").await.expect(303);
        assert_eq!(led.header("location"), Some("/console/"));
        for call in [app.get("/"), app.get("/").header("accept", "application/json"), app.get("/").by("olga")] {
            call.await.expect(404);
        }
        app.post("/console/", "").await.expect(405);
    });
}

#[test]
fn every_page_of_the_console_is_one_file_under_a_strict_policy() {
    World::bare().on_each_engine(async |app| {
        let pages = ["/console", "/console/", "/console/sign-in", "/console/organizations/acme/members", "/docs"];
        if !has_console() {
            for page in pages {
                app.get(page).await.expect_error(404, 7000, "");
            }
            return;
        }
        for page in pages {
            let plain = app.get(page).await.expect(200);
            assert_eq!(plain.header("content-type"), Some("text/html; charset=utf-8"));
            assert_eq!((plain.header("cache-control"), plain.header("content-encoding")), (Some("no-cache"), None));
            assert_eq!(policy(&plain).contains("require-trusted-types-for 'script'"), page != "/docs");
            let html = String::from_utf8(plain.body.to_vec()).unwrap();
            assert!(!html.contains("<script>") && !html.contains(" onload=") && !html.contains("http://"), "{html}");
            let packed = app.get(page).header("accept-encoding", "br, gzip;q=0.8").await.expect(200);
            assert_eq!(packed.header("content-encoding"), Some("gzip"));
            assert!(packed.body.starts_with(&[0x1f, 0x8b]) && packed.body.len() < plain.body.len());
            assert!(app.call(Method::HEAD, page).await.expect(200).body.is_empty());
            // What the page loads is there, and is kept for ever: its name changes with it.
            for part in html.split('"').filter(|part| part.starts_with("/console/assets/")) {
                let asset = app.get(part).await.expect(200);
                assert_eq!(asset.header("cache-control"), Some("public, max-age=31536000, immutable"), "{part}");
                let known = ["text/javascript; charset=utf-8", "text/css; charset=utf-8", "font/woff2"];
                assert!(known.contains(&asset.header("content-type").unwrap()), "{part}");
            }
        }
        for missing in ["/console/assets/none.js", "/console/none.js", "/console/assets/../../Cargo.toml"] {
            app.get(missing).await.expect(404);
        }
    });
}
