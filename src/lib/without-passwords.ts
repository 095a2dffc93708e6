// What a URL carries before its host (`redis://name:password@host`) is nobody's to read, wherever the URL stands in a text.

/** As in `redis://…@host:6379`. An `@` too many hides too much, not too little. */
export const withoutPasswords = (text: string): string => text.replace(/:\/\/[^\s"]*@/g, "://…@");
