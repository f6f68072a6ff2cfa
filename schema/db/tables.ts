// The tables of libSQL/Turso: packs, challenges and their immutable versions. migrations/ is generated from this file.

import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { z } from "zod";
import type { difficultySchema, StarterBundle } from "#wire/challenge.ts";

export const packs = sqliteTable("packs", {
  id: text("id").primaryKey(),
  title: text("title").notNull(),
  /** SPDX expression of the content's license. */
  license: text("license").notNull(),
});

/** What a challenge is at some content: never changed once written, stored with every attempt by its hash. */
export const challengeVersions = sqliteTable(
  "challenge_versions",
  {
    /** sha256 of the challenge's folder, in hex. */
    hash: text("hash").primaryKey(),
    /** Kept without a foreign key: versions are written before the challenge that points at one. */
    uid: text("uid").notNull(),
    title: text("title").notNull(),
    summary: text("summary").notNull(),
    difficulty: text("difficulty").$type<z.infer<typeof difficultySchema>>().notNull(),
    minutes: integer("minutes").notNull(),
    concepts: text("concepts", { mode: "json" }).$type<string[]>().notNull(),
    /** Lab images that the container must hold, by name. */
    images: text("images", { mode: "json" }).$type<string[]>().notNull(),
    /** Markdown. */
    task: text("task").notNull(),
    /** As JSON text: it travels as JSON, and a blob would be base64 once more on the way. */
    starter: text("starter", { mode: "json" }).$type<StarterBundle>().notNull(),
    createdAt: integer("created_at", { mode: "number" }).notNull(),
  },
  (table) => [index("challenge_versions_by_uid").on(table.uid, table.createdAt)],
);

export const challenges = sqliteTable(
  "challenges",
  {
    /** Never changes, though slug, pack and title may. */
    uid: text("uid").primaryKey(),
    slug: text("slug").notNull().unique(),
    pack: text("pack")
      .notNull()
      .references(() => packs.id),
    /** The current version. */
    version: text("version")
      .notNull()
      .references(() => challengeVersions.hash),
    /** Place within its pack, from 0. */
    position: integer("position").notNull(),
    /** A challenge that left its pack is hidden, never deleted: sessions and attempts still name it. */
    visibility: text("visibility", { enum: ["listed", "hidden"] }).notNull(),
  },
  (table) => [index("challenges_by_pack").on(table.pack, table.position)],
);

/** What happened to sessions, one row for each event: written through the outbox of the user's object, once by its id. */
export const sessionEvents = sqliteTable(
  "session_events",
  {
    /** Made with the state change, so that a repeat is the same row. */
    id: text("id").primaryKey(),
    user: text("user").notNull(),
    session: text("session").notNull(),
    epoch: integer("epoch").notNull(),
    kind: text("kind", { enum: ["started", "ready", "switched", "extended", "ended"] }).notNull(),
    /** The open challenge at that time. */
    challenge: text("challenge").notNull(),
    challengeVersion: text("challenge_version").notNull(),
    host: text("host"),
    /** Of `ended`: the final state, and why. */
    finalState: text("final_state", { enum: ["stopped", "failed", "expired"] }),
    reasonCode: text("reason_code"),
    reasonMessage: text("reason_message"),
    /** Epoch milliseconds, of the object's clock. */
    at: integer("at", { mode: "number" }).notNull(),
  },
  (table) => [
    index("session_events_by_user").on(table.user, table.at),
    index("session_events_by_session").on(table.session, table.at),
  ],
);
