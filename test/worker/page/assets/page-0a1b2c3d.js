export const page = "berth";
