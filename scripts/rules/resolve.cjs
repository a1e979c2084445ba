// The one path alias of tsconfig.json, for dependency-cruiser.
module.exports = {
  resolve: { alias: { '@': require('node:path').resolve(__dirname, '../..') }, extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'] },
}
