//! A loopback server that speaks as much of S3 as sources and stores need, and writes down what it is asked.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::hash::{DefaultHasher, Hasher};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use url::Url;

/// The bucket.
const BUCKET: &str = "exports";

/// Objects by key.
pub(crate) type Objects = BTreeMap<String, Vec<u8>>;

/// A server with the bucket `exports`, for those who sign as `key`.
pub(crate) struct Server {
    pub(crate) endpoint: String,
    state: Arc<Mutex<State>>,
}

struct State {
    objects: Objects,
    asked: Vec<Asked>,
    /// Keys to a page of a listing.
    page: usize,
    mood: Mood,
    reads: Reads,
}

/// How the server treats those who read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reads {
    /// As S3 does.
    Good,
    /// It takes their key for too old when they ask for more of an object than its end.
    Expired,
    /// It keeps connections open, and says nothing.
    Mute,
}

/// How the server treats puts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    /// As S3 does.
    Good,
    /// It does the next one, and closes the connection without a word.
    Silent,
    /// It puts over what is there.
    Heedless,
    /// What it puts into folders of this name is gone at once.
    Losing(&'static str),
}

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum What {
    List,
    Head,
    /// A whole object.
    Get,
    /// Some bytes of one.
    Range,
    Put,
    /// A put of what is absent only.
    PutNew,
    /// Any number of objects.
    Delete,
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) what: What,
    pub(crate) key: String,
    /// Whether it is for the last bytes of the object, where a Parquet file has its footer.
    pub(crate) end: bool,
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}", self.what, self.key)
    }
}

impl Server {
    /// A server with these objects, which lists two to a page.
    pub(crate) fn with(objects: Objects) -> Self {
        Self::start(objects, 2)
    }

    /// A server without objects, which lists as many to a page as S3.
    pub(crate) fn empty() -> Self {
        Self::start(Objects::new(), 1000)
    }

    fn start(objects: Objects, page: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let (asked, mood, reads) = (Vec::new(), Mood::Good, Reads::Good);
        let state = State { objects, asked, page, mood, reads };
        let state = Arc::new(Mutex::new(state));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                std::thread::spawn(move || converse(&stream, &state));
            }
        });
        Self { endpoint, state }
    }

    /// Settings of those who may use it.
    pub(crate) fn environment(&self) -> HashMap<String, String> {
        let environment = [
            ("AWS_ACCESS_KEY_ID", "key"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_ENDPOINT_URL", &self.endpoint),
        ];
        environment.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
    }

    /// The requests since the last call.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.state().asked)
    }

    /// The keys of all objects.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.state().objects.keys().cloned().collect()
    }

    /// Changes how it treats puts.
    pub(crate) fn be(&self, mood: Mood) {
        self.state().mood = mood;
    }

    /// Changes how it treats those who read.
    pub(crate) fn treat(&self, reads: Reads) {
        self.state().reads = reads;
    }

    /// Changes what it has, behind the backs of those who use it.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Objects)) {
        change(&mut self.state().objects);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Request {
    method: String,
    url: Url,
    headers: HashMap<String, String>,
    body: Vec<u8>,
}

impl Request {
    /// The next request of a connection; `None` at its end.
    fn read(reader: &mut impl BufRead) -> Option<Self> {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let (method, target) = line.trim_end().strip_suffix(" HTTP/1.1")?.split_once(' ')?;
        let url = Url::parse("http://server").ok()?.join(target).ok()?;
        let method = method.to_owned();
        let mut headers = HashMap::new();
        loop {
            line.clear();
            reader.read_line(&mut line).ok()?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
        let length = headers.get("content-length").and_then(|length| length.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        reader.read_exact(&mut body).ok()?;
        Some(Self { method, url, headers, body })
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// Answers the requests of one connection.
fn converse(stream: &TcpStream, state: &Mutex<State>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    loop {
        let request = Request::read(&mut reader)?;
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.reads == Reads::Mute {
            drop(state);
            // Longer than anybody waits.
            std::thread::sleep(std::time::Duration::from_secs(600));
            return None;
        }
        let reply = state.reply(&request)?;
        drop(state);
        send(stream, &request.method, &reply)?;
    }
}

/// The status with headers of its own, and the body.
type Reply = (String, Vec<u8>);

fn refusal(status: &str, code: &str, message: &str) -> Reply {
    let body = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
    (status.to_owned(), body.into_bytes())
}

fn done(body: impl Into<Vec<u8>>) -> Reply {
    ("200 OK".to_owned(), body.into())
}

/// The reply with an object's entity tag, which tells what it holds.
fn tagged(status: &str, object: &[u8], body: Vec<u8>) -> Reply {
    (format!("{status}\r\nETag: {}", tag(object)), body)
}

fn tag(object: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    hasher.write(object);
    format!("\"{:016x}\"", hasher.finish())
}

fn send(mut stream: &TcpStream, method: &str, (status, body): &Reply) -> Option<()> {
    let tag = if status.contains("\r\nETag: ") { "" } else { "ETag: \"e\"\r\n" };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\n{tag}\
         Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT\r\n\r\n",
        body.len()
    );
    // In one piece: a second one would wait until the first is acknowledged.
    let mut bytes = head.into_bytes();
    if method != "HEAD" {
        bytes.extend_from_slice(body);
    }
    stream.write_all(&bytes).ok()
}

impl State {
    /// `None` if it says nothing.
    fn reply(&mut self, request: &Request) -> Option<Reply> {
        let path = object_store::path::Path::from_url_path(request.url.path()).ok()?;
        let (bucket, key) = path.as_ref().split_once('/').unwrap_or_else(|| (path.as_ref(), ""));
        if !request.header("authorization").contains("=key/") {
            return Some(refusal("403 Forbidden", "InvalidAccessKeyId", "who is that?"));
        }
        if bucket != BUCKET {
            return Some(refusal("404 Not Found", "NoSuchBucket", "there is none"));
        }
        Some(match (request.method.as_str(), key) {
            ("GET", "") => self.list(&request.url),
            ("POST", "") => self.delete(&request.body),
            ("GET" | "HEAD", key) => self.object(key, request),
            ("PUT", key) => return self.put(key, request),
            _ => refusal("501 Not Implemented", "NotImplemented", "only a part of S3 is here"),
        })
    }

    fn note(&mut self, what: What, key: &str, end: bool) {
        self.asked.push(Asked { what, key: key.to_owned(), end });
    }

    fn list(&mut self, url: &Url) -> Reply {
        let asked: HashMap<_, _> = url.query_pairs().into_owned().collect();
        let prefix = asked.get("prefix").map_or("", String::as_str);
        let after = asked.get("continuation-token").map_or("", String::as_str);
        self.note(What::List, prefix, false);
        let keys = self.objects.keys().map(String::as_str);
        let keys: Vec<&str> = keys.filter(|key| key.starts_with(prefix) && *key > after).collect();
        let page = keys.get(..self.page.min(keys.len())).unwrap_or_default();
        let contents = page.iter().map(|key| {
            let object = self.objects.get(*key).map_or(&[][..], Vec::as_slice);
            let (size, tag) = (object.len(), tag(object));
            format!(
                "<Contents><Key>{key}</Key><Size>{size}</Size><ETag>{tag}</ETag>\
                 <LastModified>2024-01-01T00:00:00.000Z</LastModified></Contents>"
            )
        });
        let contents: String = contents.collect();
        let more = keys.len() > page.len();
        let next = match page.last() {
            Some(last) if more => format!("<NextContinuationToken>{last}</NextContinuationToken>"),
            _ => String::new(),
        };
        done(format!(
            "<ListBucketResult><IsTruncated>{more}</IsTruncated>{contents}{next}</ListBucketResult>"
        ))
    }

    fn object(&mut self, key: &str, request: &Request) -> Reply {
        let size = self.objects.get(key).map_or(0, Vec::len);
        let range = request.header("range").strip_prefix("bytes=");
        let range =
            range.and_then(|range| range.split_once('-')).map(|(first, last)| match first {
                "" => (size.saturating_sub(last.parse().unwrap()), size),
                first => {
                    let last = last.parse().map_or(size, |last: usize| size.min(last + 1));
                    (first.parse().unwrap(), last)
                }
            });
        let what = match (request.method.as_str(), range) {
            ("HEAD", _) => What::Head,
            (_, None) => What::Get,
            (_, Some(_)) => What::Range,
        };
        let is_end = range.is_some_and(|(_, end)| end == size);
        self.note(what, key, is_end);
        if self.reads == Reads::Expired && what == What::Range && !is_end {
            return refusal("400 Bad Request", "ExpiredToken", "The provided token has expired.");
        }
        let Some(bytes) = self.objects.get(key) else {
            return refusal("404 Not Found", "NoSuchKey", "there is none");
        };
        let Some((first, end)) = range else { return tagged("200 OK", bytes, bytes.clone()) };
        let status = format!(
            "206 Partial Content\r\nContent-Range: bytes {first}-{}/{size}",
            end.max(1) - 1
        );
        tagged(&status, bytes, bytes.get(first..end).unwrap_or_default().to_vec())
    }

    fn put(&mut self, key: &str, request: &Request) -> Option<Reply> {
        let is_new = request.header("if-none-match") == "*";
        self.note(if is_new { What::PutNew } else { What::Put }, key, false);
        if is_new && self.mood != Mood::Heedless && self.objects.contains_key(key) {
            let message = "At least one of the pre-conditions you specified did not hold";
            return Some(refusal("412 Precondition Failed", "PreconditionFailed", message));
        }
        if matches!(self.mood, Mood::Losing(folder) if key.split('/').any(|part| part == folder)) {
            self.objects.remove(key);
            return Some(done(""));
        }
        self.objects.insert(key.to_owned(), request.body.clone());
        if is_new && self.mood == Mood::Silent {
            self.mood = Mood::Good;
            return None;
        }
        Some(done(""))
    }

    fn delete(&mut self, body: &[u8]) -> Reply {
        self.note(What::Delete, "", false);
        let text = String::from_utf8_lossy(body);
        let keys = text.split("<Key>").skip(1).filter_map(|part| part.split_once("</Key>"));
        let mut deleted = String::new();
        for (key, _) in keys {
            self.objects.remove(key);
            deleted.push_str(&format!("<Deleted><Key>{key}</Key></Deleted>"));
        }
        done(format!("<DeleteResult>{deleted}</DeleteResult>"))
    }
}
