//! Puts the built console, if there is one, into the program: a table of its files, plain and packed.

use std::fmt::Write as _;
use std::io::{Error, Result, Write as _};
use std::path::{Path, PathBuf};

fn main() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../console");
    let dist = root.join("dist");
    // Building the console touches this page: a folder that is not there yet cannot be watched.
    println!("cargo:rerun-if-changed={}", root.join("index.html").display());
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or_else(|| Error::other("cargo names no folder"))?);
    let mut table = String::from("&[\n");
    if dist.join("index.html").is_file() {
        println!("cargo:rerun-if-changed={}", dist.display());
        for (at, file) in files(&dist)?.iter().enumerate() {
            let name = file.strip_prefix(&dist).map_err(Error::other)?;
            let packed = out.join(format!("{at}.gz"));
            let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            gzip.write_all(&std::fs::read(file)?)?;
            std::fs::write(&packed, gzip.finish()?)?;
            let text = |path: &Path| path.to_str().map(|text| format!("{text:?}")).ok_or_else(|| Error::other("no UTF-8"));
            let (name, plain, gzip) = (text(name)?, text(file)?, text(&packed)?);
            writeln!(table, "({name}, include_bytes!({plain}).as_slice(), include_bytes!({gzip}).as_slice()),")
                .map_err(Error::other)?;
        }
    }
    table.push_str("]\n");
    std::fs::write(out.join("console.rs"), table)
}

/// The files of a folder and those below, but for what the build notes for itself.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if path.is_dir() && !hidden {
            found.extend(files(&path)?);
        } else if !hidden {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
