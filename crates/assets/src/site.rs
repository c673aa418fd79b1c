//! The files of one app as a whole: who answers a request, and with what.

use std::path::PathBuf;
use std::sync::Arc;

use cellhouse_exchange::{Body, Handler, HandlerFuture, Request, Response};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use url::Url;

use crate::body::OpenFile;
use crate::content_type::content_type;
use crate::files::{File, Files};
use crate::headers::{self, Headers};
use crate::ignored::{self, Ignored};
use crate::path;
use crate::pattern::Glob;
use crate::redirects::{self, Redirects, Target};
use crate::resolve::{Found, Resolver};
use crate::rule_file::RuleFile;

/// Browsers ask each time whether what they have is still right.
const CACHE_CONTROL: HeaderValue = HeaderValue::from_static("public, max-age=0, must-revalidate");
const CF_CACHE_STATUS: &str = "cf-cache-status";

/// Is told what is wrong with a file of rules, whenever it was read.
pub type Report = Arc<dyn Fn(&str) + Send + Sync>;

/// How `.html` endings and slashes are treated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HtmlHandling {
    /// `/page` and `/folder/`.
    #[default]
    AutoTrailingSlash,
    /// `/page/` and `/folder/`.
    ForceTrailingSlash,
    /// `/page` and `/folder`.
    DropTrailingSlash,
    /// Files have the addresses of their names.
    None,
}

/// What answers where no file does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NotFound {
    /// Nothing: the script, or 404 without a body.
    #[default]
    None,
    /// The nearest `404.html`, with status 404.
    NearestPage,
    /// `/index.html`, with status 200.
    SinglePageApplication,
}

/// Which requests the script gets before any file is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ScriptFirst {
    /// None.
    #[default]
    Never,
    /// All.
    Always,
    /// Those whose path matches one with `*`, unless it matches one with `!` before it.
    Paths(Vec<String>),
}

/// What an app's config says about its files.
#[derive(Clone)]
pub struct Options {
    /// The directory. It need not exist yet.
    pub directory: PathBuf,
    pub html: HtmlHandling,
    pub not_found: NotFound,
    pub script_first: ScriptFirst,
    /// Whether `Sec-Fetch-Mode: navigate` prefers what is there for what is not found to the script: the
    /// compatibility flag `assets_navigation_prefers_asset_serving`.
    pub navigation_prefers_assets: bool,
    /// Whether there is a script at all.
    pub has_script: bool,
    pub report: Report,
}

/// The files of an app. Clones are the same.
#[derive(Clone)]
pub struct Site(Arc<Inner>);

struct Inner {
    options: Options,
    to_script: Vec<Glob>,
    to_files: Vec<Glob>,
    redirects: RuleFile<Redirects>,
    headers: RuleFile<Headers>,
    ignored: RuleFile<Ignored>,
}

/// What of a request decides the answer.
struct Asked {
    url: Url,
    method: Method,
    known_tags: Option<String>,
    is_cacheable: bool,
    navigates: bool,
}

/// What answers, before it is read.
enum Answer {
    Redirect(StatusCode, String),
    Status(StatusCode),
    File(File, StatusCode),
    /// Neither a file nor a rule.
    Nothing,
}

impl Site {
    /// Reads nothing yet.
    pub fn new(options: Options) -> Site {
        let rules = match &options.script_first {
            ScriptFirst::Paths(paths) => paths.as_slice(),
            _ => &[],
        };
        let (to_files, to_script): (Vec<&String>, Vec<_>) =
            rules.iter().partition(|rule| rule.starts_with('!'));
        let globs = |rules: Vec<&String>| -> Vec<_> {
            let rules = rules.into_iter();
            rules
                .filter_map(|rule| Glob::parse(rule.trim_start_matches('!')))
                .collect()
        };
        let redirects = match options.html {
            HtmlHandling::None => |text: &str| Redirects::parse(text, false),
            _ => |text: &str| Redirects::parse(text, true),
        };
        Site(Arc::new(Inner {
            to_script: globs(to_script),
            to_files: globs(to_files),
            redirects: RuleFile::new(redirects::FILE, redirects),
            headers: RuleFile::new(headers::FILE, Headers::parse),
            ignored: RuleFile::new(ignored::FILE, Ignored::parse),
            options,
        }))
    }

    /// The answer to a client's request, or `None` if the script is to answer it.
    pub fn answer_first(
        &self,
        request: &Request,
    ) -> impl Future<Output = Option<Response>> + Send + use<> {
        let (site, asked) = (self.clone(), Asked::of(request));
        async move { site.answer_or_script(asked?).await }
    }

    async fn answer_or_script(&self, asked: Asked) -> Option<Response> {
        if !self.0.options.has_script {
            return Some(self.answer(asked).await);
        }
        let path = asked.url.path();
        let matches = |globs: &[Glob]| globs.iter().any(|glob| glob.matches(path));
        if matches(&self.0.to_files) {
            return Some(self.answer(asked).await);
        }
        if self.0.options.script_first == ScriptFirst::Always || matches(&self.0.to_script) {
            return None;
        }
        let site = self.0.clone();
        blocking(move || site.answer_if_any(&asked)).await
    }

    async fn answer(&self, asked: Asked) -> Response {
        let site = self.0.clone();
        let answer = blocking(move || site.respond(&asked, site.options.not_found));
        answer.await
    }
}

/// What `fetch()` of the binding gets.
impl Handler for Site {
    fn handle(&self, request: Request) -> HandlerFuture {
        let site = self.clone();
        Box::pin(async move {
            match Asked::of(&request) {
                Some(asked) => site.answer(asked).await,
                None => plain(StatusCode::BAD_REQUEST),
            }
        })
    }
}

impl Asked {
    fn of(request: &Request) -> Option<Asked> {
        let text = |name| {
            request
                .headers
                .get(name)
                .and_then(|value| value.to_str().ok())
        };
        Some(Asked {
            url: Url::parse(&request.url).ok()?,
            method: request.method.clone(),
            known_tags: text(header::IF_NONE_MATCH).map(str::to_owned),
            is_cacheable: !request.headers.contains_key(header::AUTHORIZATION)
                && !request.headers.contains_key(header::RANGE),
            navigates: request
                .headers
                .get("sec-fetch-mode")
                .is_some_and(|mode| mode == "navigate"),
        })
    }

    fn host(&self) -> &str {
        self.url.host_str().unwrap_or("")
    }

    fn knows(&self, tag: &str) -> bool {
        let mut known = self.known_tags.iter().flat_map(|tags| tags.split(','));
        known.any(|known| known.trim().trim_start_matches("W/") == tag)
    }
}

// ---- on a thread that may block

impl Inner {
    /// `None` where the script answers.
    fn answer_if_any(&self, asked: &Asked) -> Option<Response> {
        let prefers = self.options.navigation_prefers_assets && asked.navigates;
        let has_paths = matches!(self.options.script_first, ScriptFirst::Paths(_));
        let not_found = match prefers || has_paths {
            true => self.options.not_found,
            false => NotFound::None,
        };
        match self.find(asked, not_found) {
            Answer::Nothing => None,
            answer => Some(self.finish(asked, answer)),
        }
    }

    fn respond(&self, asked: &Asked, not_found: NotFound) -> Response {
        let answer = self.find(asked, not_found);
        self.finish(asked, answer)
    }

    fn find(&self, asked: &Asked, not_found: NotFound) -> Answer {
        let directory = &self.options.directory;
        let redirects = self.redirects.read(directory, &self.options.report);
        let mut path = asked.url.path().to_owned();
        let mut is_proxied = false;
        if let Some(target) = redirects.find(asked.host(), &path) {
            let Ok(to) = asked.url.join(&target.to) else {
                return Answer::Status(StatusCode::INTERNAL_SERVER_ERROR);
            };
            if target.status != 200 {
                return redirect_to(asked, &target, &to);
            }
            is_proxied = true;
            path = to.path().to_owned();
        }
        let ignored = self.ignored.read(directory, &self.options.report);
        let files = Files::open(directory, ignored);
        let decoded = path::decode(&path);
        let found = files.and_then(|files| {
            let resolver = Resolver {
                files: &files,
                html: self.options.html,
                not_found,
            };
            resolver.find(&decoded)
        });
        let Some(found) = found else {
            return match is_proxied {
                true => Answer::Status(StatusCode::NOT_FOUND),
                false => Answer::Nothing,
            };
        };
        if !matches!(asked.method, Method::GET | Method::HEAD) {
            return Answer::Status(StatusCode::METHOD_NOT_ALLOWED);
        }
        // A file has one address.
        let own = path::encode(&decoded);
        match found {
            Found::Redirect(to) => moved(asked, &path::encode(&to)),
            Found::File(_) | Found::NotFoundPage(_) if own != path => moved(asked, &own),
            Found::File(file) => Answer::File(file, StatusCode::OK),
            Found::NotFoundPage(file) => Answer::File(file, StatusCode::NOT_FOUND),
        }
    }

    fn finish(&self, asked: &Asked, answer: Answer) -> Response {
        let mut response = match answer {
            Answer::Nothing => plain(StatusCode::NOT_FOUND),
            Answer::Status(status) => plain(status),
            Answer::Redirect(status, location) => {
                let mut response = plain(status);
                if let Ok(location) = HeaderValue::try_from(location) {
                    response.headers.insert(header::LOCATION, location);
                }
                response
            }
            Answer::File(file, status) => of_file(asked, &file, status),
        };
        let headers = self
            .headers
            .read(&self.options.directory, &self.options.report);
        headers.apply(asked.host(), asked.url.path(), &mut response.headers);
        response
    }
}

fn moved(asked: &Asked, to: &str) -> Answer {
    let query = query_of(&asked.url);
    Answer::Redirect(StatusCode::TEMPORARY_REDIRECT, format!("{to}{query}"))
}

/// A rule's redirect. The request's query goes along unless the rule has its own.
fn redirect_to(asked: &Asked, target: &Target, to: &Url) -> Answer {
    let query = match query_of(to) {
        query if query.is_empty() => query_of(&asked.url),
        query => query,
    };
    let fragment = to.fragment().filter(|text| !text.is_empty());
    let fragment = fragment.map_or(String::new(), |text| format!("#{text}"));
    let base = match to.origin() == asked.url.origin() {
        true => to.path(),
        false => to.as_str().split(['?', '#']).next().unwrap_or_default(),
    };
    let status = StatusCode::from_u16(target.status).unwrap_or(StatusCode::FOUND);
    Answer::Redirect(status, format!("{base}{query}{fragment}"))
}

/// The query with its question mark, or nothing.
fn query_of(url: &Url) -> String {
    let query = url.query().filter(|query| !query.is_empty());
    query.map_or(String::new(), |query| format!("?{query}"))
}

fn of_file(asked: &Asked, file: &File, status: StatusCode) -> Response {
    let Ok(open) = OpenFile::open(&file.real) else {
        // It has gone since it was found, or may not be read.
        return plain(StatusCode::INTERNAL_SERVER_ERROR);
    };
    let tag = format!("\"{}\"", file.tag);
    let is_known = asked.knows(&tag);
    let mut headers = HeaderMap::new();
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(header::ETAG, tag);
    }
    if let Some(kind) = content_type(&file.path) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    if asked.is_cacheable {
        headers.insert(header::CACHE_CONTROL, CACHE_CONTROL);
    }
    headers.insert(CF_CACHE_STATUS, HeaderValue::from_static("HIT"));
    let (status, body) = match is_known {
        true => (StatusCode::NOT_MODIFIED, Body::Empty),
        false if asked.method == Method::HEAD => (status, open.into_head()),
        false => (status, open.into_body()),
    };
    Response {
        headers,
        body,
        ..plain(status)
    }
}

fn plain(status: StatusCode) -> Response {
    Response {
        status: status.as_u16(),
        status_text: None,
        headers: HeaderMap::new(),
        body: Body::Empty,
        web_socket: None,
    }
}

/// Looks at the disk on a thread for that. Dropping the future leaves the work to itself; it changes nothing.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
