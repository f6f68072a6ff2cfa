CREATE TABLE `session_events` (
	`id` text PRIMARY KEY NOT NULL,
	`user` text NOT NULL,
	`session` text NOT NULL,
	`epoch` integer NOT NULL,
	`kind` text NOT NULL,
	`challenge` text NOT NULL,
	`challenge_version` text NOT NULL,
	`host` text,
	`final_state` text,
	`reason_code` text,
	`reason_message` text,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `session_events_by_user` ON `session_events` (`user`,`at`);--> statement-breakpoint
CREATE INDEX `session_events_by_session` ON `session_events` (`session`,`at`);