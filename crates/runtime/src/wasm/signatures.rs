//! The signatures of the functions that JavaScript may call, and how their values pass the door: whole
//! numbers in halves of 32 bits, numbers with a fraction as they are, references as their numbers.

use wasmparser::{FuncType, ValType};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    I32,
    I64,
    F32,
    F64,
    /// A value of JavaScript, by its number.
    Value,
    /// A function of the module, by its number.
    Function,
    /// What JavaScript cannot have.
    Other,
}

impl Kind {
    pub(super) fn of(ty: ValType) -> Self {
        match ty {
            ValType::I32 => Kind::I32,
            ValType::I64 => Kind::I64,
            ValType::F32 => Kind::F32,
            ValType::F64 => Kind::F64,
            ValType::Ref(ty) if ty.is_extern_ref() => Kind::Value,
            ValType::Ref(ty) if ty.is_func_ref() => Kind::Function,
            ValType::V128 | ValType::Ref(_) => Kind::Other,
        }
    }

    /// As `wasm_calls.js` knows it.
    pub(super) fn letter(self) -> char {
        match self {
            Kind::I32 => 'i',
            Kind::I64 => 'l',
            Kind::F32 => 'f',
            Kind::F64 => 'd',
            Kind::Value => 'e',
            Kind::Function => 'r',
            Kind::Other => 'v',
        }
    }

    /// How many halves of 32 bits it takes when several results are kept.
    pub(super) fn halves(self) -> u32 {
        match self {
            Kind::I64 | Kind::F64 => 2,
            _ => 1,
        }
    }

    pub(super) fn is_fraction(self) -> bool {
        matches!(self, Kind::F32 | Kind::F64)
    }
}

#[derive(Debug)]
pub(super) struct Signature {
    /// One of the module's types that says the same.
    pub(super) ty: u32,
    pub(super) params: Vec<Kind>,
    pub(super) results: Vec<Kind>,
}

impl Signature {
    pub(super) fn of(ty: u32, signature: &FuncType) -> Self {
        let kinds = |types: &[ValType]| types.iter().map(|it| Kind::of(*it)).collect();
        Signature {
            ty,
            params: kinds(signature.params()),
            results: kinds(signature.results()),
        }
    }

    pub(super) fn is_callable(&self) -> bool {
        !self.params.contains(&Kind::Other) && !self.results.contains(&Kind::Other)
    }

    pub(super) fn letters(&self) -> (String, String) {
        let letters = |kinds: &[Kind]| kinds.iter().map(|it| it.letter()).collect();
        (letters(&self.params), letters(&self.results))
    }

    /// Whole halves, and fractions.
    fn slots(&self) -> (u32, u32) {
        let mut slots = (0, 0);
        for kind in &self.params {
            if kind.is_fraction() {
                slots.1 += 1;
            } else {
                slots.0 += kind.halves();
            }
        }
        slots
    }

    /// Halves in which its results are kept until they are asked for.
    fn kept(&self) -> u32 {
        match self.results[..] {
            [] => 0,
            [kind] if kind != Kind::I64 => 0,
            ref several => several.iter().map(|it| it.halves()).sum(),
        }
    }
}

/// Different ones, each with the number that is its place.
#[derive(Debug, Default)]
pub(super) struct Signatures {
    pub(super) list: Vec<Signature>,
}

impl Signatures {
    pub(super) fn number(&mut self, ty: u32, signature: &FuncType) -> u32 {
        let new = Signature::of(ty, signature);
        let same = |it: &Signature| it.params == new.params && it.results == new.results;
        let at = self.list.iter().position(same).unwrap_or_else(|| {
            self.list.push(new);
            self.list.len() - 1
        });
        u32::try_from(at).expect("a module's types are fewer than 2^32")
    }

    /// The parameters of the door behind its own: whole halves, then fractions.
    pub(super) fn slots(&self) -> (u32, u32) {
        let each = self.list.iter().map(Signature::slots);
        each.fold((0, 0), |all, it| (all.0.max(it.0), all.1.max(it.1)))
    }

    pub(super) fn kept(&self) -> u32 {
        self.list.iter().map(Signature::kept).max().unwrap_or(0)
    }
}
