//! What `cellhouse r2` asks for, and how it is done by whoever has the data. Bodies are not sent through
//! the control socket: the process that has the data reads and writes the file that the command names, or
//! what the command passes on.

mod body;
mod pipe;

use std::path::PathBuf;

use cellhouse_r2::{
    Access, AccessKey, Bucket, Error, ErrorKind, GetOptions, Got, HttpMetadata, ListOptions,
    Metadata, PutOptions, Ticket,
};
use serde::{Deserialize, Serialize};

use super::{Asker, Event, Owner};
pub(crate) use pipe::Pipe;

/// A request.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "lowercase")]
pub(crate) enum Request {
    Buckets,
    Info {
        bucket: String,
    },
    List {
        bucket: String,
        prefix: String,
    },
    Get {
        bucket: String,
        key: String,
        to: Place,
    },
    Put {
        bucket: String,
        key: String,
        from: Place,
        content_type: Option<String>,
    },
    Delete {
        bucket: String,
        key: String,
    },
    CreateKey {
        name: String,
        bucket: Option<String>,
        writes: bool,
    },
    Keys,
    DeleteKey {
        id: String,
    },
}

/// Where the bytes of an object come from, or go to.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Place {
    File(PathBuf),
    /// The socket of a [`Pipe`].
    Pipe(PathBuf),
}

/// Some of the answer.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "reply", rename_all = "lowercase")]
pub(crate) enum Reply {
    Bucket {
        name: String,
        created: i64,
        objects: u64,
        bytes: u64,
    },
    Object {
        key: String,
        size: u64,
        etag: String,
        uploaded: i64,
    },
    Key {
        id: String,
        name: String,
        created: i64,
        bucket: Option<String>,
        writes: bool,
        secret: Option<String>,
    },
    /// What the request is about is not there.
    Absent { message: String },
    /// The request is wrong.
    Wrong { message: String },
    /// The last one.
    End,
}

/// Why a request was not done.
pub(super) enum Refusal {
    Absent(String),
    Wrong(String),
    Failed(String),
    /// Nobody listens any more.
    Gone,
}

struct Work<'a, 'b> {
    owner: &'a Owner,
    asker: &'a mut Asker<'b>,
    runtime: tokio::runtime::Runtime,
}

impl Request {
    /// Does it; the last event.
    pub(super) fn run(&self, owner: &Owner, asker: &mut Asker<'_>) -> Event {
        let runtime = match tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
        {
            Ok(runtime) => runtime,
            Err(error) => {
                return Event::Failed {
                    message: error.to_string(),
                };
            }
        };
        let mut work = Work {
            owner,
            asker,
            runtime,
        };
        let done = self.act(&mut work);
        // What was let go of goes now: the process may end.
        work.runtime.block_on(owner.r2.tidy());
        match done {
            Ok(()) => Event::R2(Reply::End),
            Err(Refusal::Absent(message)) => Event::R2(Reply::Absent { message }),
            Err(Refusal::Wrong(message)) => Event::R2(Reply::Wrong { message }),
            Err(Refusal::Failed(message)) => Event::Failed { message },
            Err(Refusal::Gone) => Event::Failed {
                message: "the command went away".to_owned(),
            },
        }
    }

    fn act(&self, work: &mut Work<'_, '_>) -> Result<(), Refusal> {
        match self {
            Request::Buckets => work.buckets(),
            Request::Info { bucket } => {
                let bucket = work.bucket(bucket)?;
                work.tell_bucket(&bucket)
            }
            Request::List { bucket, prefix } => work.list(bucket, prefix),
            Request::Get { bucket, key, to } => work.get(bucket, key, to),
            Request::Put {
                bucket,
                key,
                from,
                content_type,
            } => work.put(bucket, key, from, content_type.as_deref()),
            Request::Delete { bucket, key } => work.delete(bucket, key),
            Request::CreateKey {
                name,
                bucket,
                writes,
            } => work.create_key(name, bucket.as_deref(), *writes),
            Request::Keys => work.keys(),
            Request::DeleteKey { id } => work.delete_key(id),
        }
    }
}

impl Work<'_, '_> {
    fn tell(&mut self, reply: Reply) -> Result<(), Refusal> {
        let durable = self.owner.cells.shard().map_err(failed)?.ticket().wait();
        durable.map_err(failed)?;
        match self.asker.tell(Event::R2(reply)) {
            true => Ok(()),
            false => Err(Refusal::Gone),
        }
    }

    fn bucket(&self, name: &str) -> Result<Bucket, Refusal> {
        self.owner
            .r2
            .existing(name)
            .map_err(|error| match error.kind() {
                ErrorKind::NoSuchBucket => Refusal::Absent(self.no_bucket(name)),
                _ => error.into(),
            })
    }

    fn no_bucket(&self, name: &str) -> String {
        let all = self.owner.r2.buckets().unwrap_or_default();
        let names: Vec<_> = all.into_iter().map(|bucket| bucket.name).collect();
        match names.is_empty() {
            true => format!(
                "there is no bucket {name:?}, nor any other: run the app once, which makes its buckets"
            ),
            false => format!(
                "there is no bucket {name:?}; there are {}",
                names.join(", ")
            ),
        }
    }

    fn buckets(&mut self) -> Result<(), Refusal> {
        for info in self.owner.r2.buckets()? {
            let bucket = self.owner.r2.existing(&info.name)?;
            self.tell_bucket(&bucket)?;
        }
        Ok(())
    }

    fn tell_bucket(&mut self, bucket: &Bucket) -> Result<(), Refusal> {
        let info = self.owner.r2.find_bucket(bucket.name())?;
        let (objects, bytes) = bucket.usage()?;
        self.tell(Reply::Bucket {
            name: bucket.name().to_owned(),
            created: info.map_or(0, |info| info.created),
            objects,
            bytes,
        })
    }

    fn list(&mut self, bucket: &str, prefix: &str) -> Result<(), Refusal> {
        let bucket = self.bucket(bucket)?;
        let mut cursor: Option<Vec<u8>> = None;
        loop {
            let options = ListOptions {
                prefix,
                cursor: cursor.as_deref(),
                ..ListOptions::default()
            };
            let (page, _) = bucket.list(&options)?;
            for object in page.objects {
                self.tell(Reply::Object {
                    key: object.key,
                    size: object.size,
                    etag: object.etag,
                    uploaded: object.uploaded,
                })?;
            }
            cursor = page.cursor;
            if cursor.is_none() {
                return Ok(());
            }
        }
    }

    fn get(&mut self, bucket: &str, key: &str, to: &Place) -> Result<(), Refusal> {
        let bucket = self.bucket(bucket)?;
        let (got, ticket) = bucket.get(key, &GetOptions::default())?;
        self.wait(&ticket)?;
        let Got::Found(object, _, body) = got else {
            return Err(no_object(key));
        };
        let asker = &mut *self.asker;
        let mut progress = |done| {
            asker.tell(Event::Progress {
                done,
                total: object.size,
            })
        };
        let written = self.runtime.block_on(body::write(body, to, &mut progress));
        written?;
        self.tell_object(object)
    }

    fn put(
        &mut self,
        bucket: &str,
        key: &str,
        from: &Place,
        content_type: Option<&str>,
    ) -> Result<(), Refusal> {
        let bucket = self.bucket(bucket)?;
        let options = PutOptions {
            metadata: Metadata {
                http: HttpMetadata {
                    content_type: content_type.map(str::to_owned),
                    ..HttpMetadata::default()
                },
                ..Metadata::default()
            },
            ..PutOptions::default()
        };
        bucket.check(key, &options.metadata)?;
        let asker = &mut *self.asker;
        let mut progress = |done, total| asker.tell(Event::Progress { done, total });
        let received = self
            .runtime
            .block_on(body::read(&bucket, from, &mut progress))?;
        let (object, ticket) = bucket.put(key, received, &options)?;
        self.wait(&ticket)?;
        match object {
            Some(object) => self.tell_object(object),
            None => Err(Refusal::Failed("the object was not stored".to_owned())),
        }
    }

    fn delete(&mut self, bucket: &str, key: &str) -> Result<(), Refusal> {
        let bucket = self.bucket(bucket)?;
        let (found, _) = bucket.head(key)?;
        let object = found.ok_or_else(|| no_object(key))?;
        let ticket = bucket.delete(&[key])?;
        self.wait(&ticket)?;
        self.tell_object(object)
    }

    fn tell_object(&mut self, object: cellhouse_r2::Object) -> Result<(), Refusal> {
        self.tell(Reply::Object {
            key: object.key,
            size: object.size,
            etag: object.etag,
            uploaded: object.uploaded,
        })
    }

    fn create_key(
        &mut self,
        name: &str,
        bucket: Option<&str>,
        writes: bool,
    ) -> Result<(), Refusal> {
        if let Some(bucket) = bucket {
            self.bucket(bucket)?;
        }
        let access = Access {
            bucket: bucket.map(str::to_owned),
            writes,
        };
        let made = self.owner.r2.create_key(name, access)?;
        self.tell_key(made.key, Some(made.secret))
    }

    fn keys(&mut self) -> Result<(), Refusal> {
        for key in self.owner.r2.keys()? {
            self.tell_key(key, None)?;
        }
        Ok(())
    }

    fn tell_key(&mut self, key: AccessKey, secret: Option<String>) -> Result<(), Refusal> {
        self.tell(Reply::Key {
            id: key.id,
            name: key.name,
            created: key.created,
            bucket: key.access.bucket,
            writes: key.access.writes,
            secret,
        })
    }

    fn delete_key(&mut self, id: &str) -> Result<(), Refusal> {
        match self.owner.r2.delete_key(id)? {
            true => self.tell(Reply::End),
            false => Err(Refusal::Absent(format!("there is no access key {id:?}"))),
        }
    }

    fn wait(&self, ticket: &Ticket) -> Result<(), Refusal> {
        ticket.wait().map_err(failed)
    }
}

fn no_object(key: &str) -> Refusal {
    Refusal::Absent(format!("there is no object {key:?}"))
}

fn failed(error: impl std::fmt::Display) -> Refusal {
    Refusal::Failed(error.to_string())
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Refusal {
        match error.kind() {
            ErrorKind::Internal => Refusal::Failed(error.to_string()),
            _ => Refusal::Wrong(error.to_string()),
        }
    }
}
