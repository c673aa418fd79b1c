//! JSON as a stored value, as JavaScript's `JSON.parse` and the clone of that give it.

use cellhouse_clone::Writer;
use serde_json::Value;

/// The bytes of a value.
pub(super) fn value(json: &Value) -> Vec<u8> {
    let mut writer = Writer::new();
    write(&mut writer, json);
    writer.finish()
}

/// The bytes of an event: `{ payload, type, timestamp }`; the time is in milliseconds since 1970.
pub(super) fn event(payload: &Value, kind: &str, time: f64) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.begin_object();
    writer.str("payload");
    write(&mut writer, payload);
    writer.str("type");
    writer.str(kind);
    writer.str("timestamp");
    writer.date(time);
    writer.end_object(3);
    writer.finish()
}

fn write(writer: &mut Writer, json: &Value) {
    match json {
        Value::Null => writer.null(),
        Value::Bool(boolean) => writer.boolean(*boolean),
        Value::Number(number) => writer.number(number.as_f64().unwrap_or(f64::NAN)),
        Value::String(text) => writer.str(text),
        Value::Array(items) => {
            let length = count(items.len());
            writer.begin_dense_array(length);
            items.iter().for_each(|item| write(writer, item));
            writer.end_dense_array(0, length);
        }
        Value::Object(map) => {
            writer.begin_object();
            for (key, value) in map {
                writer.str(key);
                write(writer, value);
            }
            writer.end_object(count(map.len()));
        }
    }
}

/// A command's arguments are shorter than that.
fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
