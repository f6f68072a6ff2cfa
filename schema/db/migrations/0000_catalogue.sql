CREATE TABLE `challenge_versions` (
	`hash` text PRIMARY KEY NOT NULL,
	`uid` text NOT NULL,
	`title` text NOT NULL,
	`summary` text NOT NULL,
	`difficulty` text NOT NULL,
	`minutes` integer NOT NULL,
	`concepts` text NOT NULL,
	`images` text NOT NULL,
	`task` text NOT NULL,
	`starter` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `challenge_versions_by_uid` ON `challenge_versions` (`uid`,`created_at`);--> statement-breakpoint
CREATE TABLE `challenges` (
	`uid` text PRIMARY KEY NOT NULL,
	`slug` text NOT NULL,
	`pack` text NOT NULL,
	`version` text NOT NULL,
	`position` integer NOT NULL,
	`visibility` text NOT NULL,
	FOREIGN KEY (`pack`) REFERENCES `packs`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`version`) REFERENCES `challenge_versions`(`hash`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `challenges_slug_unique` ON `challenges` (`slug`);--> statement-breakpoint
CREATE INDEX `challenges_by_pack` ON `challenges` (`pack`,`position`);--> statement-breakpoint
CREATE TABLE `packs` (
	`id` text PRIMARY KEY NOT NULL,
	`title` text NOT NULL,
	`license` text NOT NULL
);
