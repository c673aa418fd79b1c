//! Requests that the gateway answers itself, because they never reach the app.

use std::time::Duration;

use cellhouse_exchange::{BodyError, Response};
use http::{HeaderValue, StatusCode};

/// Why a request was refused. The text goes to the client.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("The request has no Host header.")]
    NoHost,
    #[error("The request has more than one Host header.")]
    ManyHosts,
    #[error("The host of the request is not a valid host name with an optional port.")]
    BadHost,
    #[error("The :authority and the Host header of the request name different hosts.")]
    TwoHosts,
    #[error("The host \"{0}\" is not served here.")]
    ForeignHost(String),
    #[error("The method CONNECT is not supported.")]
    Connect,
    #[error("The URL is longer than the limit of {0} bytes.")]
    LongUri(usize),
    #[error("The request has more than {0} headers.")]
    ManyHeaders(usize),
    #[error("The request body is larger than the limit of {0} bytes.")]
    LargeBody(u64),
    #[error("No data of the request body arrived for {}.", seconds(.0))]
    SlowBody(Duration),
    #[error("The request body is malformed: {0}.")]
    MalformedBody(String),
    #[error("The WebSocket handshake lacks a valid Sec-WebSocket-Key: 16 bytes in base64.")]
    WebSocketKey,
    #[error("This server speaks version 13 of the WebSocket protocol.")]
    WebSocketVersion,
    #[error(
        "The app answered 101 (Switching Protocols) to a request that does not ask for a WebSocket."
    )]
    UnwantedUpgrade,
    #[error("The app answered 101 (Switching Protocols) without a WebSocket.")]
    UpgradeWithoutSocket,
    #[error("The app answered with a WebSocket, but with status {0} instead of 101.")]
    SocketWithoutUpgrade(u16),
    #[error("The app answered with status {0}, which is not between 200 and 599.")]
    BadStatus(u16),
}

fn seconds(duration: &Duration) -> String {
    match duration.as_millis() {
        millis if millis % 1000 == 0 => format!("{} s", millis / 1000),
        millis => format!("{millis} ms"),
    }
}

impl Refusal {
    /// What to answer when a body failed before the response began; `None` if there is nobody to answer.
    pub(crate) fn of_body(error: &BodyError, timeout: Duration) -> Option<Refusal> {
        match error {
            BodyError::TooLarge { limit } => Some(Refusal::LargeBody(*limit)),
            BodyError::TimedOut => Some(Refusal::SlowBody(timeout)),
            BodyError::Malformed(text) => Some(Refusal::MalformedBody(text.clone())),
            _ => None,
        }
    }

    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Refusal::NoHost | Refusal::ManyHosts | Refusal::BadHost | Refusal::TwoHosts => {
                StatusCode::BAD_REQUEST
            }
            Refusal::MalformedBody(_) | Refusal::WebSocketKey => StatusCode::BAD_REQUEST,
            Refusal::ForeignHost(_) => StatusCode::FORBIDDEN,
            Refusal::Connect => StatusCode::METHOD_NOT_ALLOWED,
            Refusal::SlowBody(_) => StatusCode::REQUEST_TIMEOUT,
            Refusal::LargeBody(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Refusal::LongUri(_) => StatusCode::URI_TOO_LONG,
            Refusal::WebSocketVersion => StatusCode::UPGRADE_REQUIRED,
            Refusal::ManyHeaders(_) => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Refusal::UnwantedUpgrade
            | Refusal::UpgradeWithoutSocket
            | Refusal::SocketWithoutUpgrade(_)
            | Refusal::BadStatus(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Whether the rest of the request is not worth waiting for, so that the connection is closed.
    pub(crate) fn ends_connection(&self) -> bool {
        matches!(
            self,
            Refusal::LargeBody(_) | Refusal::SlowBody(_) | Refusal::MalformedBody(_)
        )
    }

    pub(crate) fn into_response(self) -> Response {
        let mut response = Response::text(self.status().as_u16(), self.to_string());
        let mut header = |name, value| {
            response
                .headers
                .insert(name, HeaderValue::from_static(value));
        };
        match self {
            Refusal::WebSocketVersion => header(http::header::SEC_WEBSOCKET_VERSION, "13"),
            Refusal::Connect => header(http::header::ALLOW, ""),
            _ => {}
        }
        response
    }
}
