//! `cellhouse r2 object`.

use std::path::{Path, PathBuf};

use indicatif::HumanBytes;
use serde_json::json;

use super::ask::{ask, line, moment};
use crate::cli::{GetObjectArguments, ObjectPathArguments, PutObjectArguments};
use crate::data::r2::{Pipe, Place, Reply, Request};
use crate::report::{Stop, shown};

pub(super) fn get(arguments: &GetObjectArguments) -> Result<(), Stop> {
    let (bucket, key) = object_of(&arguments.object)?;
    if arguments.pipe {
        let (pipe, path) = Pipe::output().map_err(Stop::failed)?;
        let to = Place::Pipe(path);
        // Standard output is the object.
        let request = Request::Get { bucket, key, to };
        ask(&arguments.object.at, request, Some("reading"), &mut |_| {
            true
        })?;
        return pipe.finish().map_err(Stop::failed);
    }
    let to = match &arguments.file {
        Some(file) => absolute(file)?,
        None => absolute(Path::new(last_part(&key)?))?,
    };
    let request = Request::Get {
        bucket,
        key,
        to: Place::File(to.clone()),
    };
    let json = arguments.object.at.json;
    let each = &mut |reply| tell("read", reply, json, Some(&to));
    ask(&arguments.object.at, request, Some("reading"), each)
}

pub(super) fn put(arguments: &PutObjectArguments) -> Result<(), Stop> {
    let (bucket, key) = object_of(&arguments.object)?;
    let mut pipe = None;
    let from = match &arguments.file {
        Some(file) => Place::File(absolute(file)?),
        None => {
            let (input, path) = Pipe::input().map_err(Stop::failed)?;
            pipe = Some(input);
            Place::Pipe(path)
        }
    };
    let content_type = arguments.content_type.clone();
    let request = Request::Put {
        bucket,
        key,
        from,
        content_type,
    };
    let json = arguments.object.at.json;
    let each = &mut |reply| tell("wrote", reply, json, None);
    ask(&arguments.object.at, request, Some("writing"), each)?;
    pipe.map_or(Ok(()), Pipe::finish).map_err(Stop::failed)
}

pub(super) fn delete(arguments: &ObjectPathArguments) -> Result<(), Stop> {
    let (bucket, key) = object_of(arguments)?;
    let json = arguments.at.json;
    ask(
        &arguments.at,
        Request::Delete { bucket, key },
        None,
        &mut |reply| tell("deleted", reply, json, None),
    )
}

pub(super) fn list(arguments: &ObjectPathArguments) -> Result<(), Stop> {
    let (bucket, prefix) = arguments
        .path
        .split_once('/')
        .unwrap_or((&arguments.path, ""));
    let request = Request::List {
        bucket: bucket.to_owned(),
        prefix: prefix.to_owned(),
    };
    let as_json = arguments.at.json;
    ask(&arguments.at, request, None, &mut |reply| {
        let Reply::Object {
            key,
            size,
            etag,
            uploaded,
        } = reply
        else {
            return true;
        };
        if as_json {
            return line(
                &json!({"key": key, "size": size, "etag": etag, "uploaded": uploaded}).to_string(),
            );
        }
        let size = HumanBytes(size).to_string();
        line(&format!(
            "{}  {size:>12}  {}",
            moment(uploaded),
            plain(&key)
        ))
    })
}

fn tell(done: &str, reply: Reply, as_json: bool, to: Option<&Path>) -> bool {
    let Reply::Object {
        key,
        size,
        etag,
        uploaded,
    } = reply
    else {
        return true;
    };
    if as_json {
        return line(
            &json!({"key": key, "size": size, "etag": etag, "uploaded": uploaded}).to_string(),
        );
    }
    let to = to
        .map(|to| format!(" into {}", shown(to)))
        .unwrap_or_default();
    line(&format!(
        "{done} {} ({}){to}",
        plain(&key),
        HumanBytes(size)
    ))
}

/// Text of an app on one line of a terminal: what would steer that is escaped.
fn plain(text: &str) -> String {
    let escape = |char: char| match char.is_control() {
        true => char.escape_default().to_string(),
        false => char.to_string(),
    };
    text.chars().map(escape).collect()
}

/// Bucket and key.
fn object_of(arguments: &ObjectPathArguments) -> Result<(String, String), Stop> {
    match arguments.path.split_once('/') {
        Some((bucket, key)) if !bucket.is_empty() && !key.is_empty() => {
            Ok((bucket.to_owned(), key.to_owned()))
        }
        _ => Err(Stop::wrong(format!(
            "{:?} names no object; write BUCKET/KEY, such as my-bucket/images/cat.png",
            arguments.path
        ))),
    }
}

fn last_part(key: &str) -> Result<&str, Stop> {
    match key.rsplit('/').next().unwrap_or_default() {
        "" | "." | ".." => Err(Stop::wrong(format!(
            "{key:?} ends with no name for a file; use --file or --pipe"
        ))),
        name => Ok(name),
    }
}

fn absolute(path: &Path) -> Result<PathBuf, Stop> {
    std::path::absolute(path).map_err(Stop::failed)
}
