//! `ai` and `api` against a real HTTP server with OpenAI's interface, which answers, fails, or hangs as the
//! model's name says.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{App, Project};

const WORKER: &str = r#"
import { $, ai, api } from "sdk.do";

export class Conversation {
    async addMessage(message) {
        const history = (await this.state.storage.get("messages")) || [];
        history.push(message);
        const response = await ai.generate(message, { context: { history } });
        history.push(response);
        await this.state.storage.put("messages", history);
        return response;
    }
}

export default {
    async fetch(request, env) {
        const { call, parameters, pieces } = await request.json();
        try {
            const [service, method] = call.split(".");
            const result = await ({ ai, api })[service][method](...parameters);
            if (result instanceof Response) return Response.json(await result.json());
            if (!pieces) return Response.json(result);
            const texts = [];
            for await (const piece of result) texts.push(piece);
            return Response.json(texts);
        } catch (error) {
            return Response.json({ code: error.code, message: error.message, status: error.status });
        }
    },
};
"#;

/// An endpoint that ends with the test. Gives its address.
pub(crate) async fn endpoint() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream));
        }
    });
    format!("http://{address}/v1")
}

/// One request of one connection.
async fn serve(mut stream: TcpStream) -> std::io::Result<()> {
    let (head, body) = request(&mut stream).await?;
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let key = head.to_lowercase().contains("authorization: bearer secret");
    let answer = match body["model"].as_str().unwrap_or_default() {
        "hangs" => std::future::pending().await,
        "fails" => (
            500,
            json!({ "error": { "message": "the model is on fire" } }).to_string(),
        ),
        "talks" => (200, "no JSON at all".to_owned()),
        "empty" => (200, "{}".to_owned()),
        "stops" => return stops(stream).await,
        "streams" => return streams(stream).await,
        _ if path.ends_with("/embeddings") => (200, vectors(&body)),
        _ if path.ends_with("/chat/completions") => (200, completion(&body, key)),
        _ => (
            200,
            json!({ "head": head.lines().next(), "body": body }).to_string(),
        ),
    };
    let (status, text) = answer;
    let length = text.len();
    let answer = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{text}"
    );
    stream.write_all(answer.as_bytes()).await
}

async fn request(stream: &mut TcpStream) -> std::io::Result<(String, Value)> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(": ")?;
                name.eq_ignore_ascii_case("content-length")
                    .then(|| value.parse().ok())?
            });
            if body.len() >= length.unwrap_or(0) {
                let body = serde_json::from_str(body).unwrap_or_default();
                return Ok((head.to_owned(), body));
            }
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
}

/// Says what it was asked.
fn completion(body: &Value, key: bool) -> String {
    let messages = body["messages"].as_array().expect("messages");
    let contents: Vec<&str> = messages
        .iter()
        .filter_map(|message| message["content"].as_str())
        .collect();
    let text = match &body["response_format"]["json_schema"]["schema"] {
        Value::Null => format!(
            "{} [{}] {key}",
            contents.join(" | "),
            body["model"].as_str().unwrap_or_default()
        ),
        schema => json!({ "required": schema["required"] }).to_string(),
    };
    json!({ "choices": [{ "message": { "role": "assistant", "content": text } }] }).to_string()
}

/// The length of each text, the last one first.
fn vectors(body: &Value) -> String {
    let texts = body["input"].as_array().expect("texts").iter().enumerate();
    let vectors = texts.map(|(index, text)| json!({ "index": index, "embedding": [text.as_str().expect("a text").len(), 1] }));
    let data: Vec<Value> = vectors.rev().collect();
    json!({ "data": data }).to_string()
}

const STREAM: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";

/// Pieces that are cut in the middle of a character.
async fn streams(mut stream: TcpStream) -> std::io::Result<()> {
    stream.write_all(STREAM.as_bytes()).await?;
    let mut text = String::from(": a comment\n\n");
    for piece in ["Gr", "üß", "e"] {
        let delta = json!({ "choices": [{ "delta": { "content": piece } }] });
        text += &format!("data: {delta}\r\n\r\n");
    }
    text += "data: [DONE]\n\n";
    for byte in text.as_bytes() {
        stream.write_all(&[*byte]).await?;
        stream.flush().await?;
    }
    Ok(())
}

/// One piece, and then nothing.
async fn stops(mut stream: TcpStream) -> std::io::Result<()> {
    let text = format!(
        "{STREAM}data: {}\n\n",
        json!({ "choices": [{ "delta": { "content": "one" } }] })
    );
    stream.write_all(text.as_bytes()).await?;
    std::future::pending().await
}

async fn app(url: &str) -> (Project, App) {
    let vars = format!(
        "AI_BASE_URL={url}/\nAI_API_KEY=secret\nAI_MODEL=m\nAI_EMBEDDING_MODEL=e\nAI_TIMEOUT_MS=20000\n"
    );
    let project = Project::ploy("", WORKER).with(".env", &vars);
    let app = project.dev().start().await;
    (project, app)
}

async fn call(app: &App, call: &str, parameters: Value) -> Value {
    let pieces = parameters[1]["stream"] == true;
    let body = json!({ "call": call, "parameters": parameters, "pieces": pieces });
    let client = app.client();
    client
        .send("POST", "/", body.to_string())
        .await
        .expect(200)
        .json()
}

#[tokio::test]
async fn models_answer() {
    let (_project, app) = app(&endpoint().await).await;
    let generate = async |parameters: Value| call(&app, "ai.generate", parameters).await;
    assert_eq!(generate(json!(["hello"])).await, "hello [m] true");
    let options =
        json!(["hi", { "context": { "history": ["a"] }, "system": "be kind", "model": "x" }]);
    assert_eq!(
        generate(options).await,
        "be kind | Context:\n{\"history\":[\"a\"]} | hi [x] true"
    );
    let shape = json!(["hi", { "schema": { "title": "a title", "mood": "how it is" } }]);
    assert_eq!(
        generate(shape).await,
        json!({ "required": ["title", "mood"] })
    );
    assert_eq!(
        generate(json!(["x", { "model": "streams", "stream": true }])).await,
        json!(["Gr", "üß", "e"])
    );
    assert_eq!(
        call(&app, "ai.generateText", json!(["t"])).await,
        "t [m] true"
    );
    assert_eq!(call(&app, "ai.embed", json!(["four"])).await, json!([4, 1]));
    assert_eq!(
        call(&app, "ai.embed", json!([["a", "bb"]])).await,
        json!([[1, 1], [2, 1]])
    );
}

#[tokio::test]
async fn what_goes_wrong_is_named() {
    let url = endpoint().await;
    let (_project, app) = app(&url).await;
    let cases = [
        (
            json!({ "model": "fails" }),
            "AI_HTTP_ERROR",
            format!("{url}/chat/completions answered 500: the model is on fire"),
        ),
        (
            json!({ "model": "hangs", "timeout": 30 }),
            "AI_TIMEOUT",
            "did not answer within 30 ms".to_owned(),
        ),
        (
            json!({ "model": "talks" }),
            "AI_BAD_ANSWER",
            "answered with what is no JSON: no JSON at all".to_owned(),
        ),
        (
            json!({ "model": "empty" }),
            "AI_BAD_ANSWER",
            "answered without a text".to_owned(),
        ),
        (
            json!({ "model": "stops", "stream": true, "timeout": 200 }),
            "AI_TIMEOUT",
            "did not answer within 200 ms".to_owned(),
        ),
    ];
    for (options, code, text) in cases {
        let told = call(&app, "ai.generate", json!(["x", options])).await;
        assert_eq!(told["code"], code, "{told}");
        assert!(
            told["message"]
                .as_str()
                .is_some_and(|message| message.contains(&text)),
            "{told}"
        );
    }
    let empty = call(&app, "ai.generate", json!([""])).await;
    assert!(
        empty["message"]
            .as_str()
            .is_some_and(|text| text.contains("a prompt is a string")),
        "{empty}"
    );
}

#[tokio::test]
async fn an_endpoint_that_is_not_there_is_named() {
    let (_project, app) = app("http://127.0.0.1:1/v1").await;
    let told = call(&app, "ai.generate", json!(["x"])).await;
    assert_eq!(told["code"], "AI_UNREACHABLE", "{told}");
    assert!(
        told["message"]
            .as_str()
            .is_some_and(|text| text.contains("http://127.0.0.1:1/v1")),
        "{told}"
    );
}

#[tokio::test]
async fn api_fetch_sends_json_and_a_query() {
    let url = endpoint().await;
    let (_project, app) = app(&url).await;
    let options = json!({ "json": { "a": 1 }, "query": { "q": "x y", "n": 2 } });
    let told = call(&app, "api.fetch", json!([format!("{url}/things"), options])).await;
    let head = "POST /v1/things?q=x+y&n=2 HTTP/1.1";
    assert_eq!(told, json!({ "head": head, "body": { "a": 1 } }));
}
