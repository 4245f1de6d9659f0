"""The tables of a log as they were in earlier versions."""

AS_IT_WAS = [
    "ALTER TABLE log_commits RENAME COLUMN command_key TO command_id",
    "CREATE TABLE log_streams (stream VARCHAR(255) NOT NULL PRIMARY KEY, version BIGINT NOT NULL)",
    "INSERT INTO log_streams SELECT stream, max(version) FROM log_events GROUP BY stream",
]
"""Statements that take a log in SQL back to the form in which streams' versions had a table of their own."""
