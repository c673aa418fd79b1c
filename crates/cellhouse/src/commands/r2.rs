//! `cellhouse r2`: buckets, objects, access keys.

mod ask;
mod keys;
mod objects;

use indicatif::HumanBytes;
use serde_json::json;

use crate::cli::{BucketCommand, KeysCommand, ObjectCommand, R2Command, WhereArguments};
use crate::data::r2::{Reply, Request};
use crate::report::Stop;
use ask::{ask, line, moment};

pub(crate) fn run(command: &R2Command) -> Result<(), Stop> {
    match command {
        R2Command::Bucket(BucketCommand::List(at)) => buckets(at, Request::Buckets),
        R2Command::Bucket(BucketCommand::Info(arguments)) => {
            let bucket = arguments.bucket.clone();
            buckets(&arguments.at, Request::Info { bucket })
        }
        R2Command::Object(ObjectCommand::Get(arguments)) => objects::get(arguments),
        R2Command::Object(ObjectCommand::Put(arguments)) => objects::put(arguments),
        R2Command::Object(ObjectCommand::Delete(arguments)) => objects::delete(arguments),
        R2Command::Object(ObjectCommand::List(arguments)) => objects::list(arguments),
        R2Command::Keys(KeysCommand::Create(arguments)) => keys::create(arguments),
        R2Command::Keys(KeysCommand::List(at)) => keys::list(at),
        R2Command::Keys(KeysCommand::Delete(arguments)) => keys::delete(arguments),
    }
}

fn buckets(at: &WhereArguments, request: Request) -> Result<(), Stop> {
    let mut none = true;
    ask(at, request, None, &mut |reply| {
        let Reply::Bucket {
            name,
            created,
            objects,
            bytes,
        } = reply
        else {
            return true;
        };
        none = false;
        if at.json {
            return line(
                &json!({"name": name, "created": created, "objects": objects, "bytes": bytes})
                    .to_string(),
            );
        }
        let size = HumanBytes(bytes).to_string();
        line(&format!(
            "{name:32}  {objects:>10} objects  {size:>12}  made {}",
            moment(created)
        ))
    })?;
    if none && !at.json {
        line("no buckets");
    }
    Ok(())
}
