// The build puts the address of what is fetched later behind such a name.
declare module "later:*" {
  const path: string;
  export default path;
}
