-- Changes when words that entries may not take as they are, have come: what a process remembers of earlier versions is asked for again.
CREATE TABLE audit_words_version (
    version BIGINT NOT NULL PRIMARY KEY
) /*sqlite: WITHOUT ROWID */;
INSERT INTO audit_words_version (version) VALUES (0);
