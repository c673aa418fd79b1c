//! `cellhouse r2 keys`.

use serde_json::json;

use super::ask::{ask, line, moment};
use crate::cli::{CreateKeyArguments, DeleteKeyArguments, WhereArguments};
use crate::data::r2::{Reply, Request};
use crate::report::Stop;

pub(super) fn create(arguments: &CreateKeyArguments) -> Result<(), Stop> {
    let request = Request::CreateKey {
        name: arguments.name.clone(),
        bucket: arguments.bucket.clone(),
        writes: !arguments.read_only,
    };
    let as_json = arguments.at.json;
    ask(&arguments.at, request, None, &mut |reply| {
        let Reply::Key { id, secret, .. } = reply else {
            return true;
        };
        let secret = secret.unwrap_or_default();
        if as_json {
            return line(&json!({"accessKeyId": id, "secretAccessKey": secret}).to_string());
        }
        line(&format!("AWS_ACCESS_KEY_ID={id}"))
            && line(&format!("AWS_SECRET_ACCESS_KEY={secret}"))
            && line("AWS_REGION=auto")
            && line("# The secret is not shown again.")
    })
}

pub(super) fn list(at: &WhereArguments) -> Result<(), Stop> {
    let mut none = true;
    ask(at, Request::Keys, None, &mut |reply| {
        let Reply::Key {
            id,
            name,
            created,
            bucket,
            writes,
            ..
        } = reply
        else {
            return true;
        };
        none = false;
        if at.json {
            let key = json!({"accessKeyId": id, "name": name, "created": created, "bucket": bucket, "writes": writes});
            return line(&key.to_string());
        }
        let bucket = bucket.as_deref().unwrap_or("all buckets");
        let may = if writes { "read and write" } else { "read" };
        let text = format!("{id}  {}  {may:14}  {bucket}  {name}", moment(created));
        line(text.trim_end())
    })?;
    if none && !at.json {
        line("no access keys");
    }
    Ok(())
}

pub(super) fn delete(arguments: &DeleteKeyArguments) -> Result<(), Stop> {
    let id = arguments.id.clone();
    ask(&arguments.at, Request::DeleteKey { id }, None, &mut |_| {
        true
    })?;
    if !arguments.at.json {
        line(&format!("deleted {}", arguments.id));
    }
    Ok(())
}
