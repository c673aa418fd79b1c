//! Errors.

use cellhouse_clone::{ErrorClass, ErrorPart, Token};

use super::Build;
use crate::clone::engine::Value;
use crate::clone::error::Failure;
use crate::clone::sys::Raw;

/// Properties that the language gives to errors, and that do not show among the others.
const HIDDEN: [&str; 2] = ["cause", "errors"];

impl Build<'_> {
    pub(super) fn error(&mut self, class: ErrorClass) -> Result<Value, Failure> {
        let class = self.engine.string(class.name())?;
        let error = self.make(self.helpers.new_error, &[class])?;
        let error = self.known(error);
        let mut parts = [(); 3].map(|()| self.engine.simple(Raw::UNDEFINED));
        loop {
            match self.token()? {
                Token::Part(ErrorPart::Name(text)) => parts[0] = self.text(text)?,
                Token::Part(ErrorPart::Message(text)) => parts[1] = self.text(text)?,
                Token::Part(ErrorPart::Stack(text)) => parts[2] = self.text(text)?,
                Token::Part(ErrorPart::Cause) => {
                    let key = self.engine.string("cause")?;
                    self.error_property(error.raw(), key, true)?;
                }
                Token::End => break,
                Token::String(text) => {
                    let is_hidden = HIDDEN.contains(&&*text.to_utf8());
                    let key = self.text(text)?;
                    self.error_property(error.raw(), key, is_hidden)?;
                }
                key => {
                    let key = self.value(key)?;
                    self.error_property(error.raw(), key, false)?;
                }
            }
        }
        let [name, message, stack] = parts;
        let error_again = self.engine.hold(error.raw());
        self.make(
            self.helpers.finish_error,
            &[error_again, name, message, stack],
        )?;
        Ok(error)
    }

    fn error_property(&mut self, error: Raw, key: Value, is_hidden: bool) -> Result<(), Failure> {
        let name = self.engine.name(key.raw())?;
        let token = self.token()?;
        let value = self.value(token)?;
        if is_hidden {
            self.engine.hide(error, &name, value)?;
        } else {
            self.engine.define(error, &name, value)?;
        }
        Ok(())
    }
}
