//! To the OpenID Connect provider and back.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use umbel_api::{self as api, Code};

use crate::app::App;
use crate::error::{Error, Result};
use crate::oidc::{self, Provider};
use crate::openapi::About;
use crate::reply::Reply;
use crate::request::RequestInfo;
use crate::sign_in::may_guess;

pub(super) const OPTIONS: About = About {
    summary: "Get the ways to sign in",
    description: "By which ways people sign in beside passwords and links. Needs no credential.",
    errors: &[],
};

pub(super) const BEGIN: About = About {
    summary: "Go to the provider",
    description: "Leads a browser to the OpenID Connect provider, to sign in there. The cookie `__Host-umbel-oidc` holds what the \
                  browser must show when it comes back, within 10 minutes. Without a provider the answer is 404.",
    errors: &[Code::NotFound, Code::Busy, Code::ProviderUnavailable],
};

pub(super) const COME_BACK: About = About {
    summary: "Come back from the provider",
    description: "Where the provider sends a browser back to, with a code. Leads to the page of the console that signs in by \
                  `POST /umbel/v1/session/oidc`, or that shows the problem whose code is in the fragment.",
    errors: &[Code::NotFound],
};

/// `GET /umbel/v1/session/options`
pub(super) async fn options(State(app): State<App>) -> Result<Reply<api::SignInOptions>> {
    let oidc = app.provider.as_ref().map(|provider| api::SignInProvider { name: provider.name().to_owned() });
    Ok(Reply::ok(api::SignInOptions { oidc }))
}

/// `GET /umbel/v1/session/oidc`
pub(super) async fn begin(State(app): State<App>) -> Result<Response> {
    let (url, cookie) = provider(&app)?.begin().await?;
    lead_to(url.as_str(), cookie)
}

/// `GET /umbel/v1/session/oidc/callback`
pub(super) async fn come_back(
    State(app): State<App>,
    Extension(info): Extension<Arc<RequestInfo>>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response> {
    let provider = provider(&app)?;
    let known = match may_guess(&app, &info, None) {
        Ok(()) => provider.come_back(&headers, uri.query().unwrap_or_default()).await,
        Err(error) => Err(error),
    };
    match known {
        Ok(cookie) => lead_to(&provider.page("provider"), cookie),
        Err(error) => {
            let code = error.problems().first().map_or(Code::Internal.number(), |problem| problem.code);
            // Pages of others can send a browser here, and providers fail: neither is a guess.
            if provider.has_begun(&headers) && code == Code::ProviderRefused.number() {
                app.throttle.failed(None, info.ip);
            }
            lead_to(&provider.page(&format!("problem={code}")), oidc::clear())
        }
    }
}

fn provider(app: &App) -> Result<&Provider> {
    let none = || Error::new(Code::NotFound, "the server has no OpenID Connect provider; the setting is `oidc_issuer`");
    app.provider.as_ref().ok_or_else(none)
}

/// Leads a browser elsewhere, which keeps neither the answer nor where it came from.
fn lead_to(url: &str, cookie: HeaderValue) -> Result<Response> {
    let bad = |_| Error::new(Code::ProviderUnavailable, "the provider has no URL that one can be led to");
    let headers = [
        (header::LOCATION, HeaderValue::try_from(url).map_err(bad)?),
        (header::SET_COOKIE, cookie),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    Ok((StatusCode::SEE_OTHER, headers).into_response())
}
