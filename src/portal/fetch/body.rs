//! Reads an answer's body under two caps: bytes on the wire, and bytes once inflated.
//!
//! The client's own decompression is off, because it hides how much came over the wire; a gzip bomb stops at the cap.

use std::io::{self, Write};

use brotli::DecompressorWriter;
use flate2::write::MultiGzDecoder;

/// Why a body could not be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum BodyError {
    /// More bytes than the cap.
    TooLarge(usize),
    /// Damaged, or in an encoding that was not asked for.
    Broken(String),
}

/// A body that grows chunk by chunk.
pub(super) struct CappedBody {
    decoder: Decoder,
    wire_bytes: usize,
    max_wire_bytes: usize,
}

enum Decoder {
    Plain(Capped),
    Gzip(Box<MultiGzDecoder<Capped>>),
    Brotli(Box<DecompressorWriter<Capped>>),
}

/// A buffer that refuses to grow past its limit.
struct Capped {
    bytes: Vec<u8>,
    limit: usize,
    is_over: bool,
}

impl Write for Capped {
    fn write(&mut self, chunk: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + chunk.len() > self.limit {
            self.is_over = true;
            return Err(io::Error::other("more bytes than allowed"));
        }
        self.bytes.extend_from_slice(chunk);
        Ok(chunk.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl CappedBody {
    /// A body in the `Content-Encoding` that the answer names.
    pub(super) fn new(
        encoding: &str,
        max_wire_bytes: usize,
        max_body_bytes: usize,
    ) -> Result<Self, BodyError> {
        let sink = Capped {
            bytes: Vec::new(),
            limit: max_body_bytes,
            is_over: false,
        };
        let decoder = match encoding.trim().to_ascii_lowercase().as_str() {
            "" | "identity" => Decoder::Plain(sink),
            "gzip" | "x-gzip" => Decoder::Gzip(Box::new(MultiGzDecoder::new(sink))),
            "br" => Decoder::Brotli(Box::new(DecompressorWriter::new(sink, 4096))),
            other => {
                return Err(BodyError::Broken(format!(
                    "content encoding {other:?} was not asked for"
                )));
            }
        };
        Ok(Self {
            decoder,
            wire_bytes: 0,
            max_wire_bytes,
        })
    }

    /// Takes one chunk from the wire.
    pub(super) fn push(&mut self, chunk: &[u8]) -> Result<(), BodyError> {
        self.wire_bytes += chunk.len();
        if self.wire_bytes > self.max_wire_bytes {
            return Err(BodyError::TooLarge(self.max_wire_bytes));
        }
        let written = match &mut self.decoder {
            Decoder::Plain(sink) => sink.write_all(chunk),
            Decoder::Gzip(decoder) => decoder.write_all(chunk),
            Decoder::Brotli(decoder) => decoder.write_all(chunk),
        };
        written.map_err(|e| self.failed(&e))
    }

    fn failed(&self, error: &io::Error) -> BodyError {
        let sink = match &self.decoder {
            Decoder::Plain(sink) => sink,
            Decoder::Gzip(decoder) => decoder.get_ref(),
            Decoder::Brotli(decoder) => decoder.get_ref(),
        };
        if sink.is_over {
            BodyError::TooLarge(sink.limit)
        } else {
            BodyError::Broken(error.to_string())
        }
    }

    /// The whole body; an error where the compressed stream ended early.
    pub(super) fn finish(mut self) -> Result<Vec<u8>, BodyError> {
        if self.wire_bytes == 0 {
            return Ok(Vec::new());
        }
        let closed = match &mut self.decoder {
            Decoder::Plain(_) => Ok(()),
            Decoder::Gzip(decoder) => decoder.try_finish(),
            Decoder::Brotli(decoder) => decoder.close(),
        };
        closed.map_err(|e| self.failed(&e))?;
        match self.decoder {
            Decoder::Plain(sink) => Ok(sink.bytes),
            Decoder::Gzip(decoder) => decoder
                .finish()
                .map(|s| s.bytes)
                .map_err(|e| BodyError::Broken(e.to_string())),
            Decoder::Brotli(decoder) => decoder
                .into_inner()
                .map(|s| s.bytes)
                .map_err(|_| BodyError::Broken("brotli ended early".to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(encoding: &str, wire: &[u8], max: usize) -> Result<Vec<u8>, BodyError> {
        let mut body = CappedBody::new(encoding, 1 << 20, max)?;
        for chunk in wire.chunks(7) {
            body.push(chunk)?;
        }
        body.finish()
    }

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn brotli(text: &[u8]) -> Vec<u8> {
        let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 20);
        encoder.write_all(text).unwrap();
        encoder.into_inner()
    }

    #[test]
    fn bodies_come_out_whole_or_not_at_all() {
        let text = "Quảng Trị ".repeat(100);
        for (encoding, wire) in [
            ("", text.clone().into_bytes()),
            ("gzip", gzip(text.as_bytes())),
            ("br", brotli(text.as_bytes())),
        ] {
            assert_eq!(
                read(encoding, &wire, 1 << 16).unwrap(),
                text.as_bytes(),
                "{encoding}"
            );
            assert_eq!(
                read(encoding, &wire, 100),
                Err(BodyError::TooLarge(100)),
                "{encoding}"
            );
            if !encoding.is_empty() {
                let half = &wire[..wire.len() / 2];
                assert!(
                    matches!(read(encoding, half, 1 << 16), Err(BodyError::Broken(_))),
                    "{encoding}"
                );
            }
        }
        assert!(matches!(read("zstd", b"x", 10), Err(BodyError::Broken(_))));
    }

    #[test]
    fn a_bomb_stops_at_the_cap() {
        let wire = gzip(&vec![b'a'; 50 << 20]);
        assert_eq!(read("gzip", &wire, 1 << 20), Err(BodyError::TooLarge(1 << 20)));
    }
}
